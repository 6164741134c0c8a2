//! The app as a client of its own, which calls another API without a user.

use std::error::Error;
use std::time::{Duration, Instant};

use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AccessToken, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, Scope, TokenResponse, TokenUrl,
};
use reqwest::redirect::Policy;
use tokio::sync::Mutex;
use tokio::time::timeout;

type Failure = Box<dyn Error + Send + Sync>;

/// How long a token may take, and how long a request.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Machine {
    issuer: BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
    client: reqwest::Client,
    api: String,
    kept: Mutex<Option<(Instant, BasicTokenResponse)>>,
}

impl Machine {
    pub fn new(issuer: &str, id: String, secret: String, api: String) -> Result<Self, Box<dyn Error>> {
        let token_url = TokenUrl::new(format!("{issuer}/oauth2/token"))?;
        let credentials = BasicClient::new(ClientId::new(id)).set_client_secret(ClientSecret::new(secret));
        let issuer = credentials.set_auth_type(AuthType::RequestBody).set_token_uri(token_url);
        let client = reqwest::Client::builder().redirect(Policy::none()).timeout(PATIENCE).build()?;
        Ok(Self { issuer, client, api, kept: Mutex::default() })
    }

    async fn token(&self) -> Result<AccessToken, Failure> {
        let mut kept = self.kept.lock().await;
        if let Some((since, tokens)) = &*kept
            && since.elapsed() + Duration::from_secs(60) < tokens.expires_in().unwrap_or_default()
        {
            return Ok(tokens.access_token().clone());
        }
        let request = self.issuer.exchange_client_credentials().add_extra_param("audience", &self.api);
        let tokens = request.add_scope(Scope::new("read:news".to_owned())).request_async(&self.client).await?;
        Ok(kept.insert((Instant::now(), tokens)).1.access_token().clone())
    }

    pub async fn news(&self) -> Result<String, Failure> {
        let token = timeout(PATIENCE, self.token()).await??;
        let request = self.client.get(format!("{}/news", self.api)).bearer_auth(token.secret());
        Ok(request.send().await?.error_for_status()?.text().await?)
    }
}
