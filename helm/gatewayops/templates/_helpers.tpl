{{- /* Names and labels. Most templates here take a list: the root, then what is asked for. */ -}}

{{- define "gatewayops.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 40 characters, so that the longest name made of it has no more than 63. */ -}}
{{- define "gatewayops.fullname" -}}
{{- $name := include "gatewayops.name" . -}}
{{- $default := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $default | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* (list $ "proxy") */ -}}
{{- define "gatewayops.componentName" -}}
{{- printf "%s-%s" (include "gatewayops.fullname" (index . 0)) (index . 1) -}}
{{- end -}}

{{- /* (list $ "proxy") */ -}}
{{- define "gatewayops.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gatewayops.name" (index . 0) }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- /* (list $ "proxy") */ -}}
{{- define "gatewayops.labels" -}}
{{- $root := index . 0 -}}
{{ include "gatewayops.selectorLabels" . }}
app.kubernetes.io/part-of: gatewayops
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* (list $ "proxy" "name") : name, namespace and labels of an object */ -}}
{{- define "gatewayops.metadata" -}}
{{- $root := index . 0 -}}
name: {{ index . 2 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- include "gatewayops.labels" (list $root (index . 1)) | nindent 2 }}
{{- end -}}

{{- /* (list $ .Values.proxy.image) */ -}}
{{- define "gatewayops.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $repository := printf "%s/%s" ($root.Values.global.imageRegistry | default $image.registry) $image.repository -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default $root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* (list $ "proxy" .Values.proxy.serviceAccount) */ -}}
{{- define "gatewayops.serviceAccountName" -}}
{{- $account := index . 2 -}}
{{- $account.name | default ($account.create | ternary (include "gatewayops.componentName" .) "default") -}}
{{- end -}}

{{- /* Where clients reach the proxy. */ -}}
{{- define "gatewayops.publicProxyUrl" -}}
{{- .Values.publicProxyUrl | default .Values.publicUrl -}}
{{- end -}}

{{- /* Who serves what to the outside. With one hostname the proxy has its own paths, and the control plane the rest. */ -}}
{{- define "gatewayops.routes" -}}
{{- $host := (urlParse .Values.publicUrl).hostname -}}
{{- $proxyHost := (urlParse (include "gatewayops.publicProxyUrl" .)).hostname -}}
- component: control-plane
  host: {{ $host }}
  paths: [/]
- component: proxy
  host: {{ $proxyHost }}
  {{- if eq $host $proxyHost }}
  paths: [/mcp, /v1/mcp, /.well-known/oauth-protected-resource, /.well-known/oauth-authorization-server]
  {{- else }}
  paths: [/]
  {{- end }}
{{- end -}}

{{- /* The first address is what every proxy connects to. */ -}}
{{- define "gatewayops.grpcHosts" -}}
{{- $name := include "gatewayops.componentName" (list . "control-plane-grpc") -}}
- {{ $name }}.{{ .Release.Namespace }}.svc
- {{ $name }}.{{ .Release.Namespace }}
- {{ $name }}
{{- end -}}

{{- /* The Deployments of the control plane: name, value of the role label, roles, and the values that hold for it. */ -}}
{{- define "gatewayops.controlPlanes" -}}
{{- $values := .Values.controlPlane -}}
{{- if $values.split.enabled -}}
{{- range $part, $roles := dict "api" "api,grpc" "ingest" "ingest" "jobs" "jobs" }}
{{- $own := mergeOverwrite (deepCopy $values) (deepCopy (index $values.split $part)) }}
{{- /* One replica leads the jobs, so more of them do not do more. */}}
{{- if eq $part "jobs" }}{{ $_ := set $own.autoscaling "enabled" false }}{{ end }}
- name: {{ include "gatewayops.componentName" (list $ (printf "control-plane-%s" $part)) }}
  role: {{ $part }}
  roles: {{ $roles }}
  values: {{ toJson $own }}
{{- end }}
{{- else }}
- name: {{ include "gatewayops.componentName" (list . "control-plane") }}
  role: all
  roles: api,grpc,ingest,jobs
  values: {{ toJson $values }}
{{- end }}
{{- end -}}

{{- /* (list $ <role>) */ -}}
{{- define "gatewayops.controlPlaneSelectorLabels" -}}
{{ include "gatewayops.selectorLabels" (list (index . 0) "control-plane") }}
gatewayops.io/role: {{ index . 1 }}
{{- end -}}

{{- /* Which pods serve REST and gRPC, whichever Deployment they are of. */ -}}
{{- define "gatewayops.apiSelectorLabels" -}}
{{ include "gatewayops.selectorLabels" (list . "control-plane") }}
gatewayops.io/serves-api: "true"
{{- end -}}

{{- define "gatewayops.proxyKind" -}}
{{- .Values.proxy.persistence.enabled | ternary "StatefulSet" "Deployment" -}}
{{- end -}}
