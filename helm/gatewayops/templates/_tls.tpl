{{- /* TLS between the planes, and of the proxy. */ -}}

{{- /* (list $ "server") or (list $ "client") : the Secret of the control plane or the proxies */ -}}
{{- define "gatewayops.grpcTlsSecret" -}}
{{- $tls := (index . 0).Values.grpc.tls -}}
{{- $existing := eq (index . 1) "server" | ternary $tls.existingServerSecret $tls.existingClientSecret -}}
{{- $existing | default (include "gatewayops.componentName" (list (index . 0) (printf "grpc-%s" (index . 1)))) -}}
{{- end -}}

{{- define "gatewayops.grpcTlsMount" -}}
{{- if .Values.grpc.tls.enabled }}
- {name: grpc-tls, mountPath: /etc/gatewayops/grpc-tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "gatewayops.grpcTlsVolume" -}}
{{- if (index . 0).Values.grpc.tls.enabled }}
- name: grpc-tls
  secret:
    secretName: {{ include "gatewayops.grpcTlsSecret" . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- define "gatewayops.proxyTlsSecret" -}}
{{- .Values.proxy.tls.existingSecret | default (include "gatewayops.componentName" (list . "proxy-tls")) -}}
{{- end -}}

{{- /*
(list $ <component> <Secret> <issuerRef> <values with duration and renewBefore> <usage>) : a Certificate but for its names
*/ -}}
{{- define "gatewayops.certificate" -}}
{{- $root := index . 0 -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "gatewayops.metadata" (list $root (index . 1) (index . 2)) | nindent 2 }}
spec:
  secretName: {{ index . 2 }}
  issuerRef:
    {{- toYaml (index . 3) | nindent 4 }}
  duration: {{ (index . 4).duration }}
  renewBefore: {{ (index . 4).renewBefore }}
  privateKey: {algorithm: ECDSA, size: 256, encoding: PKCS8, rotationPolicy: Always}
  usages: [digital signature, {{ index . 5 }}]
{{- end -}}
