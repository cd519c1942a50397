/** What the programs have for whoever runs them: configuration files, logs that hide what they should, metrics. */
export { nameDashedKeys } from "./config/dashed-keys.ts";
export { parseWithConfig } from "./config/parse-with-config.ts";
export { withLogOptions, type LogOptions } from "./log/log-options.ts";
export { safeLog } from "./log/safe-log.ts";
export { listenMetrics, type MetricsServer } from "./metrics/listen-metrics.ts";
export { BYTES_BIN, CLIENTS_BIN, STREAMS_BIN, type LabelledValue, type Metric } from "./metrics/metric.ts";
export { MetricsPage } from "./metrics/metrics-page.ts";
export { processMetrics } from "./metrics/process-metrics.ts";
