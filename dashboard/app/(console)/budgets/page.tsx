import { BudgetsPage } from "@/features/budgets/budgets-page";

export default BudgetsPage;
