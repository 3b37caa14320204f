{{- /*
A Grafana dashboard as JSON, of the few words of files/dashboards/*.yaml: rows of panels, three abreast, each with a title,
a unit and what is asked of Prometheus. (list <name> <words>)
*/ -}}
{{- define "gatewayops.dashboard" -}}
{{- $name := index . 0 -}}
{{- $words := index . 1 -}}
{{- $source := dict "type" "prometheus" "uid" "$datasource" -}}
{{- $panels := list -}}
{{- $y := 0 -}}
{{- range $words.rows -}}
{{- $place := dict "h" 1 "w" 24 "x" 0 "y" $y -}}
{{- $panels = append $panels (dict "type" "row" "title" .title "collapsed" false "panels" list "gridPos" $place) -}}
{{- $y = add1 $y -}}
{{- range $at, $panel := .panels -}}
{{- $targets := list -}}
{{- range $n, $query := .queries -}}
{{- $targets = append $targets (dict
  "refId" (printf "%c" (add 65 $n))
  "datasource" $source
  "expr" (trim .expr)
  "legendFormat" .legend) -}}
{{- end -}}
{{- $panels = append $panels (dict
  "type" (.type | default "timeseries")
  "title" .title
  "description" (.description | default "")
  "datasource" $source
  "targets" $targets
  "gridPos" (dict "h" 8 "w" 8 "x" (mul 8 (mod $at 3)) "y" (add $y (mul 8 (div $at 3))))
  "fieldConfig" (dict "defaults" (dict "unit" (.unit | default "short") "min" 0) "overrides" list)
  "options" (dict
    "legend" (dict "displayMode" "list" "placement" "bottom")
    "tooltip" (dict "mode" "multi" "sort" "desc"))) -}}
{{- end -}}
{{- $y = add $y (mul 8 (div (add (len .panels) 2) 3)) -}}
{{- end -}}
{{- $withIds := list -}}
{{- range $id, $panel := $panels -}}
{{- $withIds = append $withIds (merge (dict "id" (add1 $id)) $panel) -}}
{{- end -}}
{{- dict
  "uid" (printf "gatewayops-%s" $name)
  "title" $words.title
  "description" $words.description
  "tags" (list "gatewayops")
  "schemaVersion" 39
  "editable" true
  "refresh" "30s"
  "time" (dict "from" "now-3h" "to" "now")
  "templating" (dict "list" (list
    (dict "name" "datasource" "label" "Prometheus" "type" "datasource" "query" "prometheus")
    (dict
      "name" "namespace"
      "label" "Namespace"
      "type" "query"
      "datasource" $source
      "query" "label_values(gatewayops_build_info, namespace)"
      "refresh" 2
      "sort" 1)))
  "panels" $withIds | toJson -}}
{{- end -}}
