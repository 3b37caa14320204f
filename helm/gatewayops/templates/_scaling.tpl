{{- /* (list $ <component> <kind> <name> <autoscaling>) */ -}}
{{- define "gatewayops.horizontalPodAutoscaler" -}}
{{- $name := index . 3 -}}
{{- $kind := index . 2 -}}
{{- $metadata := include "gatewayops.metadata" (list (index . 0) (index . 1) $name) -}}
{{- with index . 4 -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- $metadata | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ $kind }}, name: {{ $name }}}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    {{- $cpu := .targetCPUUtilizationPercentage }}
    {{- range $resource, $percentage := dict "cpu" $cpu "memory" .targetMemoryUtilizationPercentage }}
    {{- if $percentage }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target: {type: Utilization, averageUtilization: {{ $percentage }}}
    {{- end }}
    {{- end }}
  {{- with .behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* (list $ <component> <name> <selector labels> <podDisruptionBudget>) */ -}}
{{- define "gatewayops.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "gatewayops.metadata" (list (index . 0) (index . 1) (index . 2)) | nindent 2 }}
spec:
  maxUnavailable: {{ (index . 4).maxUnavailable }}
  # A pod that is not ready serves nobody: it must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- index . 3 | nindent 6 }}
{{- end -}}
