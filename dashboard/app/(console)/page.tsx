import { OverviewPage } from "@/features/overview/overview-page";

export default OverviewPage;
