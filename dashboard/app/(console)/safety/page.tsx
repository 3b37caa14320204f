import { SafetyPage } from "@/features/safety/safety-page";

export default SafetyPage;
