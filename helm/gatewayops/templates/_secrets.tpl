{{- /*
What is secret reaches a process as a file (`<NAME>_FILE`). Each secret is either in a Secret that somebody names, or in
the chart's own.
*/ -}}

{{- define "gatewayops.secretsPath" -}}
/etc/gatewayops/secrets
{{- end -}}

{{- /*
(list $ <process> <own Secret>) : what a process is given, as a list of variable, Secret and key. Processes are `proxy`,
`migration` (without which no command of the control plane runs) and `control-plane` (all of it).
*/ -}}
{{- define "gatewayops.secretRefs" -}}
{{- $own := index . 2 -}}
{{- with (index . 0).Values -}}
{{- $keys := .secrets.existingSecretKeys -}}
{{- $shared := list
  (list "REDIS_URL" .externalRedis.existingSecret .externalRedis.existingSecretKey "redis-url")
  (list "PROXY_TOKEN" .secrets.existingSecret $keys.proxyToken "proxy-token") -}}
{{- if and .otlpHeaders.existingSecret (ne (index $ 1) "migration") -}}
{{- $headers := list "OTEL_EXPORTER_OTLP_HEADERS" .otlpHeaders.existingSecret .otlpHeaders.existingSecretKey -}}
{{- $shared = append $shared $headers -}}
{{- end -}}
{{- $required := concat $shared (list
  (list "DATABASE_URL" .externalDatabase.existingSecret .externalDatabase.existingSecretKey "database-url")
  (list "JWT_SECRET" .secrets.existingSecret $keys.jwtSecret "jwt-secret")
  (list "ENCRYPTION_KEY" .secrets.existingSecret $keys.encryptionKey "encryption-key")) -}}
{{- $rows := get (dict "proxy" $shared "migration" $required "control-plane" $required) (index $ 1) -}}
{{- if eq (index $ 1) "control-plane" -}}
{{- $rows = concat $rows (include "gatewayops.optionalSecrets" . | fromJsonArray) -}}
{{- end -}}
{{- range $rows }}
- env: {{ index . 0 }}
  secret: {{ index . 1 | default $own }}
  key: {{ if index . 1 }}{{ index . 2 }}{{ else }}{{ index . 3 }}{{ end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /* Rows as above, of what the control plane is given if it is there. */ -}}
{{- define "gatewayops.optionalSecrets" -}}
{{- $rows := list
  (list "SLACK_WEBHOOK_URL" .notifications.slack.existingSecret .notifications.slack.existingSecretKey)
  (list "PAGERDUTY_ROUTING_KEY" .notifications.pagerduty.existingSecret .notifications.pagerduty.existingSecretKey)
  (list "SMTP_URL" .notifications.smtp.existingSecret .notifications.smtp.existingSecretKey)
  (list "AWS_ACCESS_KEY_ID" .backup.s3.existingSecret .backup.s3.existingSecretKeys.accessKeyId)
  (list "AWS_SECRET_ACCESS_KEY" .backup.s3.existingSecret .backup.s3.existingSecretKeys.secretAccessKey) -}}
{{- with .secrets -}}
{{- if or .encryptionKeyPrevious .existingSecretKeys.encryptionKeyPrevious -}}
{{- $previous := list .existingSecret .existingSecretKeys.encryptionKeyPrevious "encryption-key-previous" -}}
{{- $rows = append $rows (prepend $previous "ENCRYPTION_KEY_PREVIOUS") -}}
{{- end -}}
{{- end -}}
{{- with .bootstrap -}}
{{- if .adminEmail -}}
{{- $password := list .existingSecret .existingSecretKeys.adminPassword "bootstrap-admin-password" -}}
{{- $rows = append $rows (prepend $password "BOOTSTRAP_ADMIN_PASSWORD") -}}
{{- end -}}
{{- if or .apiKey (and .existingSecret .existingSecretKeys.apiKey) -}}
{{- $apiKey := list .existingSecret .existingSecretKeys.apiKey "bootstrap-api-key" -}}
{{- $rows = append $rows (prepend $apiKey "BOOTSTRAP_API_KEY") -}}
{{- end -}}
{{- end -}}
{{- range .mcpServers -}}
{{- if or .existingSecret .token -}}
{{- $token := list .existingSecret (.existingSecretKey | default "token") (printf "mcp-server-%s" .name) -}}
{{- $rows = append $rows (prepend $token (printf "%s_TOKEN" (include "gatewayops.mcpServerVariable" .))) -}}
{{- end -}}
{{- end -}}
{{- $given := list -}}
{{- range $rows -}}
{{- /* What is in no Secret, and has no key in ours, is not there. */ -}}
{{- if or (index . 1) (gt (len .) 3) -}}{{- $given = append $given . -}}{{- end -}}
{{- end -}}
{{- toJson $given -}}
{{- end -}}

{{- /* <refs> : the variables that name the files */ -}}
{{- define "gatewayops.secretEnv" -}}
{{- range . }}
- name: {{ .env }}_FILE
  value: {{ include "gatewayops.secretsPath" $ }}/{{ .env }}
{{- end }}
{{- end -}}

{{- /* <refs> : the volume with the files */ -}}
{{- define "gatewayops.secretVolume" -}}
- name: secrets
  projected:
    # Of the pod's group, which is that of the process.
    defaultMode: 0440
    sources:
      {{- range . }}
      - secret:
          name: {{ .secret }}
          items: [{key: {{ .key }}, path: {{ .env }}}]
      {{- end }}
{{- end -}}

{{- define "gatewayops.secretMount" -}}
- {name: secrets, mountPath: {{ include "gatewayops.secretsPath" . }}, readOnly: true}
{{- end -}}
