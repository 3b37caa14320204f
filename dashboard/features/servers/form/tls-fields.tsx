"use client";

import { useState } from "react";
import { CheckField } from "@/components/form/check-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Field } from "@/components/ui/field";
import type { FieldsProps } from "./about-fields";
import type { TlsDraft } from "./draft";

/** For servers with certificates of their own. Closed unless something is set: most need none of it. */
export function TlsFields({ draft, onChange, about, keySet }: FieldsProps<TlsDraft> & { keySet?: boolean }) {
  const [isSet] = useState(() => Object.values(draft).some(Boolean));
  return (
    <details open={isSet || undefined} className="rounded-lg border px-3 py-2">
      <summary className="text-sm font-medium">TLS</summary>
      <div className="mt-3 grid gap-4 pb-1 sm:grid-cols-2">
        <TextAreaField
          code
          label="Authorities (PEM)"
          hint="Optional; instead of those of the system"
          value={draft.ca_pem}
          onChange={(event) => onChange({ ca_pem: event.target.value })}
          problem={about("tls.ca_pem")}
          className="sm:col-span-2"
        />
        <TextAreaField
          code
          label="Client certificate (PEM)"
          hint="Optional, for mutual TLS"
          value={draft.client_cert_pem}
          onChange={(event) => onChange({ client_cert_pem: event.target.value })}
          problem={about("tls.client_cert_pem")}
        />
        <TextAreaField
          code
          label="Key of the client certificate (PEM)"
          hint={
            keySet
              ? "One is stored. Leave this empty to keep it."
              : "Stored encrypted, and never shown again."
          }
          value={draft.client_key_pem}
          onChange={(event) => onChange({ client_key_pem: event.target.value })}
          problem={about("tls.client_key_pem")}
        />
        <Field
          label="Name to verify"
          hint="Optional; instead of the address's host"
          value={draft.server_name}
          onChange={(event) => onChange({ server_name: event.target.value })}
          problem={about("tls.server_name")}
        />
        <CheckField
          label="Do not verify the certificate"
          hint="Anybody between the gateway and the server can then read and change calls."
          checked={draft.insecure_skip_verify}
          onChange={(insecure_skip_verify) => onChange({ insecure_skip_verify })}
          problem={about("tls.insecure_skip_verify")}
        />
      </div>
    </details>
  );
}
