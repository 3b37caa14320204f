import { SsoPage } from "@/features/settings/sso/sso-page";

export default SsoPage;
