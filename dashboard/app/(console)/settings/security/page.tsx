import { SecurityPage } from "@/features/settings/security/security-page";

export default SecurityPage;
