import { LimitsPage } from "@/features/settings/limits/limits-page";

export default LimitsPage;
