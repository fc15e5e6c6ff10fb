//! Which store an address means, with credentials by the usual variables and the usual chain of each provider.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{ObjectStore, Result, RetryConfig};

/// How long a request is tried again that fails by the network or by the store.
const PATIENCE: Duration = Duration::from_secs(60);

/// The store of `bucket`. A request has both its limits of time by default: 5 s to connect, 30 s in all.
pub(super) fn connect(scheme: &str, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
    // An error says that the process has chosen a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { max_retries: 6, retry_timeout: PATIENCE, ..RetryConfig::default() };
    Ok(match scheme {
        "gs" => Arc::new(GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket).with_retry(retry).build()?),
        "az" | "abfs" | "abfss" => {
            let url = format!("{scheme}://{bucket}");
            Arc::new(MicrosoftAzureBuilder::from_env().with_url(url).with_retry(retry).build()?)
        }
        _ => {
            // Not every store that speaks S3 removes several objects at once, and we remove one.
            let s3 = AmazonS3Builder::from_env().with_config(AmazonS3ConfigKey::DisableBulkDelete, "true");
            Arc::new(s3.with_bucket_name(bucket).with_retry(retry).build()?)
        }
    })
}
