//! What is counted of requests. Looking a time series up by its labels costs more than many an answer,
//! so each thread keeps those that it has met.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use metrics::{Counter, Histogram, counter, histogram};

/// Counts a request that took so long. Routes and methods are those of the server: few.
pub(super) fn count(method: &'static str, route: &str, status: u16, took: Duration) {
    MET.with_borrow_mut(|met| {
        if let Some(series) = met.get(route).and_then(|of| of.get(&(method, status))) {
            return series.count(took);
        }
        let series = Series::new(method, route, status);
        series.count(took);
        let of_route = met.entry(route.to_owned()).or_default();
        of_route.insert((method, status), series);
    });
}

thread_local! {
    static MET: RefCell<HashMap<String, OfRoute>> = RefCell::default();
}

/// The time series of a route, by method and status.
type OfRoute = HashMap<(&'static str, u16), Series>;

struct Series {
    durations: Histogram,
    requests: Counter,
}

impl Series {
    fn new(method: &'static str, route: &str, status: u16) -> Self {
        let labels = [("method", method.to_owned()), ("route", route.to_owned())];
        let durations = histogram!("http_request_duration_seconds", &labels);
        let [method, route] = labels;
        let labels = [method, route, ("status", status.to_string())];
        let requests = counter!("http_requests_total", &labels);
        Self {
            durations,
            requests,
        }
    }

    fn count(&self, took: Duration) {
        self.durations.record(took);
        self.requests.increment(1);
    }
}
