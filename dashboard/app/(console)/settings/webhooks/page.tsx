import { WebhooksPage } from "@/features/settings/webhooks/webhooks-page";

export default WebhooksPage;
