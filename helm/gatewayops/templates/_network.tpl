{{- /* Parts of NetworkPolicies. */ -}}

{{- /* (list $ <component> <suffix of the name>) */ -}}
{{- define "gatewayops.networkPolicyHead" -}}
{{- $name := include "gatewayops.componentName" (list (index . 0) (index . 2)) -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "gatewayops.metadata" (list (index . 0) (index . 1) $name) | nindent 2 }}
{{- end -}}

{{- /* (list $ <component>) : both directions, of its pods */ -}}
{{- define "gatewayops.networkPolicySpec" -}}
spec:
  podSelector:
    matchLabels:
      {{- include "gatewayops.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end -}}

{{- /* (list $ <component> …) : pods of ours, as peers */ -}}
{{- define "gatewayops.peers" -}}
{{- range rest . }}
- podSelector:
    matchLabels:
      {{- include "gatewayops.selectorLabels" (list (first $) .) | nindent 6 }}
{{- end }}
{{- end -}}

{{- define "gatewayops.egressToDns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - {protocol: UDP, port: {{ .Values.networkPolicy.dnsPort }}}
    - {protocol: TCP, port: {{ .Values.networkPolicy.dnsPort }}}
{{- end -}}

{{- define "gatewayops.egressToDatabase" -}}
{{- include "gatewayops.egressToStore" (list . "postgres" .Values.postgres 5432 .Values.networkPolicy.externalDatabase) -}}
{{- end -}}

{{- define "gatewayops.egressToRedis" -}}
{{- include "gatewayops.egressToStore" (list . "redis" .Values.redis 6379 .Values.networkPolicy.externalRedis) -}}
{{- end -}}

{{- /* (list $ <component> <its values> <its port> <where the external one is>) */ -}}
{{- define "gatewayops.egressToStore" -}}
{{- $external := index . 4 -}}
{{- if (index . 2).enabled -}}
- to:
    {{- include "gatewayops.peers" (list (index . 0) (index . 1)) | trim | nindent 4 }}
  ports:
    - {port: {{ index . 3 }}}
{{- else -}}
- ports:
    - {port: {{ $external.port }}}
  {{- with $external.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* Any port: MCP servers, mail and receivers of spans have their own. */ -}}
{{- define "gatewayops.egressOutbound" -}}
- to:
    {{- toYaml .Values.networkPolicy.outbound | nindent 4 }}
{{- end -}}

{{- /* (list $ <port>) : of people, MCP clients and `helm test` */ -}}
{{- define "gatewayops.ingressFromClients" -}}
- ports:
    - {port: {{ index . 1 }}}
  {{- with (index . 0).Values.networkPolicy.clients }}
  from:
    {{- toYaml . | nindent 4 }}
    {{- include "gatewayops.peers" (list (index $ 0) "test") | trim | nindent 4 }}
  {{- end }}
{{- end -}}

{{- /* (list $ <port>) */ -}}
{{- define "gatewayops.ingressFromMonitoring" -}}
- from:
    {{- toYaml (index . 0).Values.networkPolicy.monitoring | nindent 4 }}
  ports:
    - {port: {{ index . 1 }}}
{{- end -}}
