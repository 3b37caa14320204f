import { PermissionPage } from "@/features/tools/permissions/permission-page";

export default PermissionPage;
