import { AlertsPage } from "@/features/alerts/alerts-page";

export default AlertsPage;
