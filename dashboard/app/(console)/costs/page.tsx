import { CostsPage } from "@/features/costs/costs-page";

export default CostsPage;
