//! Metrics for Prometheus.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, http::header, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::{
    gate::{Access, HasGate},
    problem::Problem,
};

/// The process's metrics: what the `metrics` macros count, as Prometheus reads it.
#[derive(Debug, Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// Why there are no metrics.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// The exporter cannot be built.
    #[error("the metrics cannot be collected")]
    Build(#[from] BuildError),
    /// Somebody else collects this process's metrics.
    #[error("the metrics are collected by somebody else")]
    Taken,
}

impl Metrics {
    /// Starts collecting, once for the process; later calls share what the first one collects.
    ///
    /// # Errors
    /// Another recorder collects this process's metrics.
    pub fn collect() -> Result<Self, MetricsError> {
        static COLLECTING: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
        let mut collecting = COLLECTING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = collecting.clone() {
            return Ok(Self { handle });
        }
        let recorder = PrometheusBuilder::new()
            .set_buckets(BUCKETS)?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_recorder| MetricsError::Taken)?;
        *collecting = Some(handle.clone());
        Ok(Self { handle })
    }

    /// Folds what was recorded into the histograms, for ever; without it they grow.
    pub async fn upkeep(self) {
        loop {
            tokio::time::sleep(UPKEEP).await;
            self.handle.run_upkeep();
        }
    }

    /// `/metrics`, for callers with `scope`.
    pub fn routes<S: HasGate + 'static>(self, scope: &'static str) -> Router<Arc<S>> {
        let scrape = async move |Access(caller): Access| {
            caller.may(scope)?;
            Ok::<_, Problem>(self.render())
        };
        Router::new().route("/metrics", get(scrape))
    }

    /// The answer to a scrape, in Prometheus' text format.
    pub fn render(&self) -> impl IntoResponse + use<> {
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        ([(header::CONTENT_TYPE, kind)], self.handle.render())
    }
}

const UPKEEP: Duration = Duration::from_secs(5);

/// Seconds: from a software card's answer to a deadline's.
const BUCKETS: &[f64] = &[0.000_5, 0.005, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn what_is_counted_is_rendered_and_a_second_collector_shares_it() {
        let first = Metrics::collect().unwrap();
        metrics::counter!("kit_test_total", "result" => "success").increment(2);
        drop(first);
        let response = Metrics::collect().unwrap().render().into_response();
        let kind = response.headers()[header::CONTENT_TYPE].clone();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains("kit_test_total{result=\"success\"} 2\n"),
            "{text}"
        );
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    }
}
