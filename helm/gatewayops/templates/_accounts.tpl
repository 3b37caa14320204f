{{- /* (list $ "proxy" .Values.proxy.serviceAccount) */ -}}
{{- define "gatewayops.serviceAccount" -}}
{{- $account := index . 2 -}}
{{- if $account.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "gatewayops.metadata" (list (index . 0) (index . 1) (include "gatewayops.serviceAccountName" .)) | nindent 2 }}
  {{- with $account.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}
