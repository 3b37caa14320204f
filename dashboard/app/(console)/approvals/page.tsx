import { ApprovalsPage } from "@/features/approvals/approvals-page";

export default ApprovalsPage;
