import { RetentionPage } from "@/features/settings/retention/retention-page";

export default RetentionPage;
