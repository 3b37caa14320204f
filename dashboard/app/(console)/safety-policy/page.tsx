import { PolicyPage } from "@/features/safety/policies/policy-page";

export default PolicyPage;
