{{- /* The variables of the two planes, by the names of the repository's README. */ -}}

{{- /* <map> : large numbers as they were written, not as 1e+07 */ -}}
{{- define "gatewayops.settings" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ and (kindIs "float64" $value) (eq (floor $value) $value) | ternary (int64 $value) $value | toString | quote }}
{{- end }}
{{- end -}}

{{- /* (list $ .Values.proxy) */ -}}
{{- define "gatewayops.sharedEnv" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
- name: PUBLIC_URL
  value: {{ $root.Values.publicUrl | quote }}
- name: PUBLIC_PROXY_URL
  value: {{ include "gatewayops.publicProxyUrl" $root | quote }}
- name: SHUTDOWN_GRACE
  value: {{ printf "%ds" (int $values.shutdownGraceSeconds) }}
{{- include "gatewayops.settings" (merge (dict) $values.settings $root.Values.settings) }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "gatewayops.proxyEnv" -}}
{{- $tls := .Values.grpc.tls -}}
{{- $host := include "gatewayops.grpcHosts" . | fromYamlArray | first -}}
{{- $port := int .Values.controlPlane.grpcService.port -}}
- name: PROXY_LISTEN
  value: {{ printf "%s:8080" .Values.listenAddress | quote }}
- name: PROXY_ADMIN_LISTEN
  value: {{ printf "%s:9080" .Values.listenAddress | quote }}
- name: CONTROL_PLANE_GRPC_URL
  value: {{ printf "%s://%s:%d" ($tls.enabled | ternary "https" "http") $host $port }}
- name: CONFIG_CACHE_PATH
  value: /var/lib/gatewayops/config.bin
- name: EVENT_SPOOL_DIR
  value: /var/lib/gatewayops/spool
{{- if .Values.proxy.tls.enabled }}
- name: PROXY_TLS_CERT
  value: /etc/gatewayops/tls/tls.crt
- name: PROXY_TLS_KEY
  value: /etc/gatewayops/tls/tls.key
{{- end }}
{{- if $tls.enabled }}
- name: PROXY_GRPC_CA
  value: /etc/gatewayops/grpc-tls/ca.crt
{{- if $tls.clientAuth }}
- name: PROXY_GRPC_CERT
  value: /etc/gatewayops/grpc-tls/tls.crt
- name: PROXY_GRPC_KEY
  value: /etc/gatewayops/grpc-tls/tls.key
{{- end }}
{{- end }}
{{ include "gatewayops.sharedEnv" (list . .Values.proxy) }}
{{- end -}}

{{- /*
All of the control plane but what differs between its Deployments. Every role is told of the same servers: one that is
not told hands them over to the administrators at its start.
*/ -}}
{{- define "gatewayops.controlPlaneEnv" -}}
- name: DB_MIGRATE
  value: {{ not (include "gatewayops.hasMigrationJob" .) | quote }}
- name: CONTROL_LISTEN
  value: {{ printf "%s:8081" .Values.listenAddress | quote }}
- name: CONTROL_ADMIN_LISTEN
  value: {{ printf "%s:9081" .Values.listenAddress | quote }}
- name: CONTROL_GRPC_LISTEN
  value: {{ printf "%s:9090" .Values.listenAddress | quote }}
- name: BOOTSTRAP_ORG
  value: {{ .Values.bootstrap.organization | quote }}
{{- with .Values.bootstrap.adminEmail }}
- name: BOOTSTRAP_ADMIN_EMAIL
  value: {{ . | quote }}
{{- end }}
{{- range .Values.mcpServers }}
- name: {{ include "gatewayops.mcpServerVariable" . }}_URL
  value: {{ .url | quote }}
{{- end }}
{{- with .Values.notifications.smtp.from }}
- name: SMTP_FROM
  value: {{ . | quote }}
{{- end }}
{{- with .Values.backup }}
{{- if .url }}
- name: BACKUP_URL
  value: {{ .url | quote }}
{{- end }}
{{- if .s3.region }}
- name: AWS_REGION
  value: {{ .s3.region | quote }}
{{- end }}
{{- if .s3.endpoint }}
- name: AWS_ENDPOINT_URL
  value: {{ .s3.endpoint | quote }}
{{- end }}
{{- if .s3.allowHttp }}
- name: AWS_ALLOW_HTTP
  value: "true"
{{- end }}
{{- end }}
{{ include "gatewayops.sharedEnv" (list . .Values.controlPlane) }}
{{- end -}}

{{- /* What reaches the database needs no more, and a first installation has no more yet. */ -}}
{{- define "gatewayops.migrationEnv" -}}
{{- $settings := merge (dict) .Values.controlPlane.settings .Values.settings -}}
{{- include "gatewayops.settings" (pick $settings "LOG_LEVEL" "LOG_FORMAT") }}
{{- with .Values.controlPlane.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "gatewayops.controlPlaneTlsEnv" -}}
{{- if .Values.grpc.tls.enabled }}
- name: CONTROL_GRPC_TLS_CERT
  value: /etc/gatewayops/grpc-tls/tls.crt
- name: CONTROL_GRPC_TLS_KEY
  value: /etc/gatewayops/grpc-tls/tls.key
{{- if .Values.grpc.tls.clientAuth }}
- name: CONTROL_GRPC_TLS_CLIENT_CA
  value: /etc/gatewayops/grpc-tls/ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{- define "gatewayops.mcpServerVariable" -}}
{{- printf "MCP_SERVER_%s" (.name | upper | replace "-" "_") -}}
{{- end -}}

{{- /*
Not empty if a Job migrates. The chart's own Postgres starts beside the control plane: a hook before would find nobody,
and one after would, with --wait, wait for pods that wait for it. There the control plane migrates when it starts, one
replica after the other.
*/ -}}
{{- define "gatewayops.hasMigrationJob" -}}
{{- if and .Values.migration.enabled (not .Values.postgres.enabled) }}true{{ end -}}
{{- end -}}
