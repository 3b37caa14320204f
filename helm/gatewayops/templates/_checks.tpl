{{- /* What is missing or cannot be, all at once and before anything is made. */ -}}

{{- define "gatewayops.check" -}}
{{- $faults := concat
  (include "gatewayops.storeFaults" . | fromYamlArray)
  (include "gatewayops.secretFaults" . | fromYamlArray)
  (include "gatewayops.accessFaults" . | fromYamlArray) -}}
{{- if $faults -}}
{{- fail (printf "\n\nThese values cannot be used:\n  - %s\n" (join "\n  - " $faults)) -}}
{{- end -}}
{{- end -}}

{{- define "gatewayops.storeFaults" -}}
{{- range $name, $stores := dict
  "Postgres" (list "postgres.enabled" .Values.postgres.enabled "externalDatabase" .Values.externalDatabase)
  "Redis" (list "redis.enabled" .Values.redis.enabled "externalRedis" .Values.externalRedis) }}
{{- $own := index $stores 1 | ternary 1 0 }}
{{- $enabled := index $stores 0 }}
{{- $at := index $stores 2 }}
{{- $external := index $stores 3 }}
{{- $given := add $own (empty $external.existingSecret | ternary 0 1) (empty $external.url | ternary 0 1) | int }}
{{- if eq $given 0 }}
- "There is no {{ $name }}: set {{ $at }}.existingSecret (or {{ $at }}.url), or for a trial {{ $enabled }}=true"
{{- else if gt $given 1 }}
- "There is more than one {{ $name }}: keep one of {{ $enabled }}, {{ $at }}.existingSecret and {{ $at }}.url"
{{- end }}
{{- end }}
{{- end -}}

{{- define "gatewayops.secretFaults" -}}
{{- with .Values.secrets }}
{{- range $name, $secret := dict "jwtSecret" .jwtSecret "proxyToken" .proxyToken }}
{{- if and $secret (lt (len $secret) 32) }}
- {{ printf "secrets.%s has %d bytes; it needs at least 32" $name (len $secret) | quote }}
{{- end }}
{{- end }}
{{- range $name, $secret := dict "encryptionKey" .encryptionKey "encryptionKeyPrevious" .encryptionKeyPrevious }}
{{- if and $secret (ne (len ($secret | b64dec)) 32) }}
- {{ printf "secrets.%s is not base64 of 32 bytes: `openssl rand -base64 32` makes one" $name | quote }}
{{- end }}
{{- end }}
{{- if and .existingSecret (or .jwtSecret .encryptionKey .encryptionKeyPrevious .proxyToken) }}
- secrets.existingSecret is set, so the other secrets beside it would not be used; remove them
{{- end }}
{{- if and .existingSecretKeys.encryptionKeyPrevious (not .existingSecret) }}
- secrets.existingSecretKeys.encryptionKeyPrevious names a key of no Secret; set secrets.existingSecret
{{- end }}
{{- end }}
{{- with .Values.bootstrap }}
{{- if and .adminPassword (not .adminEmail) }}
- bootstrap.adminPassword is of nobody; set bootstrap.adminEmail
{{- end }}
{{- if and .existingSecret (or .adminPassword .apiKey) }}
- bootstrap.existingSecret is set, so adminPassword and apiKey beside it would not be used; remove them
{{- end }}
{{- end }}
{{- with .Values.notifications.smtp }}
{{- if ne (empty .existingSecret) (empty .from) }}
- notifications.smtp.existingSecret and notifications.smtp.from go together; set both or neither
{{- end }}
{{- end }}
{{- end -}}

{{- define "gatewayops.accessFaults" -}}
{{- if not .Values.publicUrl }}
- publicUrl is missing; people and scripts reach the control plane there, such as https://gateway.example.com
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
- httpRoute.parentRefs is missing; a route belongs to a Gateway
{{- end }}
{{- with .Values.grpc.tls }}
{{- if and .enabled (not .certManager.enabled) }}
{{- if not .existingServerSecret }}
- grpc.tls.enabled needs a certificate; set grpc.tls.existingServerSecret, or grpc.tls.certManager.enabled
{{- end }}
{{- if not .existingClientSecret }}
- grpc.tls.existingClientSecret is missing; proxies find there whom to trust (ca.crt), and with clientAuth what they show
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.proxy.tls }}
{{- if and .enabled (not .existingSecret) (not .certManager.enabled) }}
- proxy.tls.enabled needs a certificate; set proxy.tls.existingSecret, or proxy.tls.certManager.enabled
{{- end }}
{{- if and .enabled (not .existingSecret) .certManager.enabled (not .certManager.issuerRef.name) }}
- proxy.tls.certManager.issuerRef.name is missing; clients trust who is named there
{{- end }}
{{- end }}
{{- with .Values.backup }}
{{- if and .schedule (not .url) }}
- backup.schedule is set, but not where backups go; set backup.url
{{- end }}
{{- if and (hasPrefix "file:" .url) (not .existingClaim) }}
- backup.url is a directory, which would be gone with the pod; set backup.existingClaim, or an s3:// URL
{{- end }}
{{- end }}
{{- end -}}
