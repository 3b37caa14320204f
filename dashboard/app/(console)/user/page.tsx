import { UserPage } from "@/features/team/user/user-page";

export default UserPage;
