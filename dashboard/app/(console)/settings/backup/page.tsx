import { BackupPage } from "@/features/settings/backup/backup-page";

export default BackupPage;
