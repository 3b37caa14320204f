import { InvitePage } from "@/features/invite/invite-page";

export default InvitePage;
