{{- /* What the two stores for trials have in common. */ -}}

{{- /* (list $ "postgres" <port>) */ -}}
{{- define "gatewayops.storeService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "gatewayops.metadata" (list (index . 0) (index . 1) (include "gatewayops.componentName" .)) | nindent 2 }}
spec:
  ports:
    - {name: {{ index . 1 }}, port: {{ index . 2 }}, targetPort: {{ index . 1 }}}
  selector:
    {{- include "gatewayops.selectorLabels" . | nindent 4 }}
{{- end -}}

{{- /* (list $ "postgres" <component that may call it> …) */ -}}
{{- define "gatewayops.storeNetworkPolicy" -}}
{{- $root := index . 0 -}}
{{- $store := index . 1 -}}
{{ include "gatewayops.networkPolicyHead" (list $root $store $store) }}
{{ include "gatewayops.networkPolicySpec" (list $root $store) }}
  ingress:
    - from:
        {{- include "gatewayops.peers" (prepend (slice . 2) $root) | trim | nindent 8 }}
      ports:
        - {port: {{ $store }}}
  egress: []
{{- end -}}

{{- /* (list $ "postgres" .Values.postgres) : the StatefulSet but for its container and volumes */ -}}
{{- define "gatewayops.storeStatefulSet" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "gatewayops.metadata" (list $root (index . 1) (include "gatewayops.componentName" .)) | nindent 2 }}
spec:
  serviceName: {{ include "gatewayops.componentName" . }}
  selector:
    matchLabels:
      {{- include "gatewayops.selectorLabels" . | nindent 6 }}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $values.persistence.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ $values.persistence.size }}}}
  template:
    metadata:
      labels:
        {{- include "gatewayops.labels" . | nindent 8 }}
    spec:
      {{- include "gatewayops.podDefaults" $root | nindent 6 }}
      securityContext:
        {{- toYaml $values.podSecurityContext | nindent 8 }}
      {{- include "gatewayops.placement" $values | nindent 6 }}
{{- end -}}

{{- /* (list $ "postgres" .Values.postgres) : the beginning of its container */ -}}
{{- define "gatewayops.storeContainer" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
- name: {{ index . 1 }}
  image: {{ include "gatewayops.image" (list $root $values.image) }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  securityContext:
    {{- toYaml $root.Values.containerSecurityContext | nindent 4 }}
  resources:
    {{- toYaml $values.resources | nindent 4 }}
{{- end -}}
