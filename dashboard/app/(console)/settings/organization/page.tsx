import { OrganizationPage } from "@/features/settings/organization/organization-page";

export default OrganizationPage;
