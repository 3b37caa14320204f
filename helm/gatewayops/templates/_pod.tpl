{{- /* What pods have in common. */ -}}

{{- /* Nothing of ours talks to the API server, and GATEWAYOPS_* of a Service would stop the start of both planes. */ -}}
{{- define "gatewayops.podDefaults" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* (list $ "proxy" .Values.proxy <selector labels>) : who runs a plane, where, and how it ends */ -}}
{{- define "gatewayops.planePod" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
{{- $selector := index . 3 -}}
{{- include "gatewayops.podDefaults" $root }}
serviceAccountName: {{ include "gatewayops.serviceAccountName" (list $root (index . 1) $values.serviceAccount) }}
securityContext:
  {{- toYaml $root.Values.podSecurityContext | nindent 2 }}
# The pause before SIGTERM, the drain, ten seconds in which a proxy hands over its last spans, and a little more.
terminationGracePeriodSeconds: {{ add $values.preStopSeconds $values.shutdownGraceSeconds 15 }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- include "gatewayops.placement" $values }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{ mergeOverwrite (dict "labelSelector" (dict "matchLabels" $selector)) . | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "gatewayops.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* (list $ .Values.proxy) : lifecycle and probes; the admin port is called `admin` */ -}}
{{- define "gatewayops.planeLife" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
{{- with $values.preStopSeconds }}
lifecycle:
  preStop:
    {{- if semverCompare ">=1.30-0" $root.Capabilities.KubeVersion.Version }}
    sleep: {seconds: {{ . }}}
    {{- else }}
    exec: {command: [sleep, {{ . | quote }}]}
    {{- end }}
{{- end }}
startupProbe:
  httpGet: {path: /health, port: admin}
  periodSeconds: 5
  failureThreshold: {{ $values.startupProbe.failureThreshold }}
livenessProbe:
  httpGet: {path: /health, port: admin}
  periodSeconds: 10
  timeoutSeconds: 3
readinessProbe:
  httpGet: {path: /ready, port: admin}
  periodSeconds: 5
  # The control plane gives each of its checks two seconds.
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{- /* (list $ <refs>) : new values of the own Secret make new pods; Secrets of others are not looked at */ -}}
{{- define "gatewayops.checksum" -}}
{{- $root := index . 0 -}}
{{- $own := include "gatewayops.fullname" $root -}}
{{- $data := include "gatewayops.ownSecretData" $root | fromYaml -}}
{{- $values := list -}}
{{- range index . 1 -}}
{{- if eq .secret $own -}}{{- $values = append $values (get $data .key) -}}{{- end -}}
{{- end -}}
checksum/secret: {{ $values | join "," | sha256sum }}
{{- end -}}

{{- /* A command of the control plane: (list $ <command> <refs> <env> <resources>) */ -}}
{{- define "gatewayops.commandContainer" -}}
{{- $root := index . 0 -}}
- name: {{ index . 1 }}
  image: {{ include "gatewayops.image" (list $root $root.Values.controlPlane.image) }}
  imagePullPolicy: {{ $root.Values.controlPlane.image.pullPolicy }}
  args: [{{ index . 1 }}]
  env:
    {{- include "gatewayops.secretEnv" (index . 2) | trim | nindent 4 }}
    {{- index . 3 | trim | nindent 4 }}
  securityContext:
    {{- toYaml $root.Values.containerSecurityContext | nindent 4 }}
  resources:
    {{- toYaml (index . 4) | nindent 4 }}
  volumeMounts:
    {{- include "gatewayops.secretMount" . | nindent 4 }}
    {{- include "gatewayops.controlPlaneMounts" $root | nindent 4 }}
{{- end -}}

{{- /* Where every process of the control plane may write, and what it is given. */ -}}
{{- define "gatewayops.controlPlaneMounts" -}}
- {name: tmp, mountPath: /tmp}
{{- with .Values.controlPlane.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "gatewayops.controlPlaneVolumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- with .Values.controlPlane.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "gatewayops.backupMount" -}}
{{- if .Values.backup.existingClaim }}
- {name: backups, mountPath: /backups}
{{- end }}
{{- end -}}

{{- define "gatewayops.backupVolume" -}}
{{- with .Values.backup.existingClaim }}
- name: backups
  persistentVolumeClaim: {claimName: {{ . }}}
{{- end }}
{{- end -}}
