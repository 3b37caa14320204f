{{- /* What is in the chart's own Secret. */ -}}

{{- /* As YAML. Random values are made once for all templates that ask in one rendering. */ -}}
{{- define "gatewayops.ownSecretData" -}}
{{- if not (hasKey .Values "ownSecretData") -}}
{{- $_ := set .Values "ownSecretData" (include "gatewayops.makeSecretData" .) -}}
{{- end -}}
{{- .Values.ownSecretData -}}
{{- end -}}

{{- /* (list <what the Secret has> <key> <given>) : what was given, else what is kept, else nothing */ -}}
{{- define "gatewayops.givenOrKept" -}}
{{- index . 2 | default (get (index . 0) (index . 1) | b64dec) -}}
{{- end -}}

{{- define "gatewayops.makeSecretData" -}}
{{- $name := include "gatewayops.fullname" . -}}
{{- $secret := lookup "v1" "Secret" .Release.Namespace $name | default dict -}}
{{- $kept := $secret.data | default dict -}}
{{- $data := dict -}}

{{- with .Values.secrets -}}
{{- if not .existingSecret -}}
{{- $encryptionKey := include "gatewayops.givenOrKept" (list $kept "encryption-key" .encryptionKey) -}}
{{- $jwtSecret := include "gatewayops.givenOrKept" (list $kept "jwt-secret" .jwtSecret) -}}
{{- $proxyToken := include "gatewayops.givenOrKept" (list $kept "proxy-token" .proxyToken) -}}
{{- if and $.Release.IsUpgrade (not $encryptionKey) -}}
{{- fail (include "gatewayops.lostEncryptionKey" $name) -}}
{{- end -}}
{{- $_ := set $data "encryption-key" ($encryptionKey | default (randBytes 32)) -}}
{{- $_ := set $data "jwt-secret" ($jwtSecret | default (randAlphaNum 48)) -}}
{{- $_ := set $data "proxy-token" ($proxyToken | default (randAlphaNum 48)) -}}
{{- with .encryptionKeyPrevious -}}{{- $_ := set $data "encryption-key-previous" . -}}{{- end -}}
{{- end -}}
{{- end -}}

{{- with .Values.bootstrap -}}
{{- if and .adminEmail (not .existingSecret) -}}
{{- $password := include "gatewayops.givenOrKept" (list $kept "bootstrap-admin-password" .adminPassword) -}}
{{- $_ := set $data "bootstrap-admin-password" ($password | default (randAlphaNum 24)) -}}
{{- end -}}
{{- with .apiKey -}}{{- $_ := set $data "bootstrap-api-key" . -}}{{- end -}}
{{- end -}}

{{- range .Values.mcpServers -}}
{{- if and .token (not .existingSecret) -}}{{- $_ := set $data (printf "mcp-server-%s" .name) .token -}}{{- end -}}
{{- end -}}

{{- with .Values.externalDatabase.url -}}{{- $_ := set $data "database-url" . -}}{{- end -}}
{{- if .Values.postgres.enabled -}}
{{- $password := include "gatewayops.givenOrKept" (list $kept "postgres-password" "") | default (randAlphaNum 32) -}}
{{- $superuser := include "gatewayops.givenOrKept" (list $kept "postgres-superuser-password" "") -}}
{{- $host := include "gatewayops.componentName" (list . "postgres") -}}
{{- $_ := set $data "postgres-password" $password -}}
{{- $_ := set $data "postgres-superuser-password" ($superuser | default (randAlphaNum 32)) -}}
{{- $_ := set $data "database-url" (printf "postgres://gatewayops:%s@%s:5432/gatewayops" $password $host) -}}
{{- end -}}

{{- with .Values.externalRedis.url -}}{{- $_ := set $data "redis-url" . -}}{{- end -}}
{{- if .Values.redis.enabled -}}
{{- $password := include "gatewayops.givenOrKept" (list $kept "redis-password" "") | default (randAlphaNum 32) -}}
{{- $host := include "gatewayops.componentName" (list . "redis") -}}
{{- $_ := set $data "redis-password" $password -}}
{{- $_ := set $data "redis.conf" (printf "requirepass %s\n%s" $password (tpl (.Files.Get "files/redis.conf") .)) -}}
{{- $_ := set $data "redis-url" (printf "redis://:%s@%s:6379/0" $password $host) -}}
{{- end -}}

{{- toYaml $data -}}
{{- end -}}

{{- define "gatewayops.lostEncryptionKey" -}}
The Secret {{ . }} has no encryption-key any more, and with a new one nothing that is sealed in the database could be read.
Bring it back, or set secrets.existingSecret or secrets.encryptionKey. (Without a cluster to look at, as with
--dry-run=client, this is said, too: use --dry-run=server.)
{{- end -}}
