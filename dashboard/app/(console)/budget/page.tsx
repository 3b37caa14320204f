import { BudgetPage } from "@/features/budgets/budget/budget-page";

export default BudgetPage;
