// A receiver of webhooks, with the library that receivers use.
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const { secret, headers, body } = JSON.parse(process.env.MESSAGE);
try {
  const said = new Webhook(secret).verify(body, headers);
  console.log(JSON.stringify({ verified: true, said }));
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  console.log(JSON.stringify({ verified: false, why: error.message }));
}
