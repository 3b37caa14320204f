{{- /*
The Job runs before anything else is there or replaced. So what it needs are hooks, too: made before it, gone after it.
*/ -}}
{{- define "gatewayops.migrationHelper" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: "-10"
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
