{{- define "otel-retrofit.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "otel-retrofit.controller.replicas" -}}
{{ .Values.controller.replicas }}
{{- end -}}

{{- define "otel-retrofit.webhook.replicas" -}}
{{ ternary (max 3 (int .Values.webhook.replicas)) (int .Values.webhook.replicas) .Values.highlyAvailable }}
{{- end -}}

{{/* All but one: a drain takes one at a time. */}}
{{- define "otel-retrofit.minAvailable" -}}
{{ max 0 (sub (include "otel-retrofit.webhook.replicas" . | int) 1) }}
{{- end -}}

{{- define "otel-retrofit.scheduling" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.priorityClassName | default (ternary "system-cluster-critical" "" .root.Values.highlyAvailable) }}
priorityClassName: {{ . }}
{{- end }}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "otel-retrofit.zones" -}}
{{- if .Values.highlyAvailable -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      app.kubernetes.io/name: otel-retrofit
      app.kubernetes.io/component: webhook
{{- end -}}
{{- end -}}

{{- define "otel-retrofit.settings.controller" -}}
{{- with .Values.remediation | default (ternary "observe" "" (not (empty .Values.namespaces))) }}
- name: RETROFIT_REMEDIATION
  value: {{ . | quote }}
{{- end }}
{{- include "otel-retrofit.settings" . }}
{{- end -}}

{{- define "otel-retrofit.settings.webhook" -}}
{{- if .Values.certManager.enabled }}
- name: RETROFIT_CERTIFICATES
  value: files
- name: RETROFIT_CERTIFICATE_DIR
  value: /certificates
{{- end }}
{{- include "otel-retrofit.settings" . }}
{{- end -}}

{{/* Both roles have the same, or the dry runs of one would not prove that the other decides alike. */}}
{{- define "otel-retrofit.settings" -}}
{{- range $key, $value := .Values.settings }}
- name: RETROFIT_{{ $key | upper | replace "-" "_" }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{- define "otel-retrofit.certificateMount" -}}
{{- if .Values.certManager.enabled -}}
volumeMounts:
  - name: certificates
    mountPath: /certificates
    readOnly: true
{{- end -}}
{{- end -}}

{{- define "otel-retrofit.certificateVolume" -}}
{{- if .Values.certManager.enabled -}}
volumes:
  - name: certificates
    secret:
      secretName: otel-retrofit-webhook-certificate
{{- end -}}
{{- end -}}

{{- define "otel-retrofit.injectAuthority" -}}
{{- if .Values.certManager.enabled -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/otel-retrofit-webhook
{{- end -}}
{{- end -}}

{{/* Our own namespace stays: dry runs in it prove that the webhook works. */}}
{{- define "otel-retrofit.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
{{- if .Values.namespaces }}
    operator: In
    values:
      - {{ .Release.Namespace }}
      {{- toYaml .Values.namespaces | nindent 6 }}
{{- else }}
    operator: NotIn
    values: [kube-system]
{{- end }}
{{- end -}}
