import { RulePage } from "@/features/alerts/rules/rule-page";

export default RulePage;
