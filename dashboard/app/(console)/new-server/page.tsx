import { WizardPage } from "@/features/servers/wizard/wizard-page";

export default WizardPage;
