import { RolePage } from "@/features/team/roles/role-page";

export default RolePage;
