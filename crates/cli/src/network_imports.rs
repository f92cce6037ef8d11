//! What programs get that import by `https:` URL: knit's configuration, its HTTP client and its cache.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use diagnostics::Diagnostic;
use http::{Method, header};
use network_imports::{Answer, ImportError, LOCK_FILE, Mode, Network, NetworkImports, Opener, Places, Taker};
use registry_client::{
    ApiRequest, CachePolicy, ClientOptions, CommandHeaders, RegistryClient, RegistryError,
};
use tokio::task::JoinSet;
use url::Url;

use crate::configuration::{self, Configuration};
use crate::network;
use crate::process::Process;

/// The larger of what programs have; more is a mistake or an attack.
const MAX_MODULE_BYTES: u64 = 64 << 20;

/// Opens the imports of the process that runs a program.
pub struct ProgramImports {
    process: Process,
    configuration: OnceLock<Result<Configuration, Diagnostic>>,
    opened: OnceLock<Result<Arc<NetworkImports>, ImportError>>,
}

impl ProgramImports {
    pub fn new(process: &Process) -> Self {
        Self { process: process.clone(), configuration: OnceLock::new(), opened: OnceLock::new() }
    }

    /// That of the project which a folder is in.
    fn configuration(&self, folder: &Path) -> Result<&Configuration, ImportError> {
        let loaded = self.configuration.get_or_init(|| {
            let process = Process { working_directory: folder.to_owned(), ..self.process.clone() };
            configuration::load(&process, &[])
        });
        loaded.as_ref().map_err(unusable)
    }

    fn open_anew(&self, folder: &Path, mode: Mode) -> Result<Arc<NetworkImports>, ImportError> {
        let configuration = self.configuration(folder)?;
        let config = &configuration.config;
        let user_agent = concat!("knit/", env!("CARGO_PKG_VERSION")).to_owned();
        let options = network::client_options(config, &self.process, "", user_agent)
            .map_err(|problem| unusable(&problem))?;
        let is_offline = options.cache_policy == CachePolicy::Offline;
        let options = ClientOptions {
            // servers of modules are no registries
            command: CommandHeaders::default(),
            cache_directory: None,
            cache_policy: CachePolicy::Default,
            max_metadata_bytes: MAX_MODULE_BYTES,
            ..options
        };
        let cache = config.text("cache").unwrap_or_default();
        let places = Places {
            cache: Path::new(&cache).join("imports"),
            lock: configuration.local_prefix.join(LOCK_FILE),
        };
        NetworkImports::open(Box::new(Client(options)), places, mode, is_offline).map(Arc::new)
    }
}

impl Opener for ProgramImports {
    fn is_configured(&self, folder: &Path) -> bool {
        // what is wrong with it is told when something is imported
        self.configuration(folder).map_or(true, |found| found.config.flag("network-imports"))
    }

    fn open(&self, folder: &Path, mode: Mode) -> Result<Arc<NetworkImports>, ImportError> {
        self.opened.get_or_init(|| self.open_anew(folder, mode)).clone()
    }
}

fn unusable(problem: &Diagnostic) -> ImportError {
    ImportError::Configuration { code: problem.code.to_string(), message: problem.to_string() }
}

/// knit's HTTP client, as a program's imports use it: with the project's proxies, certificates and credentials.
struct Client(ClientOptions);

impl Network for Client {
    fn fetch(&self, urls: Vec<Url>, take: Taker<'_>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let client = RegistryClient::new(self.0.clone());
        let (runtime, client) = match (runtime, client) {
            (Ok(runtime), Ok(client)) => (runtime, client),
            (Err(error), _) => return refuse_all(urls, take, "EIO", &error.to_string()),
            (_, Err(error)) => return refuse_all(urls, take, &error.code(), &told(&error)),
        };
        runtime.block_on(async {
            let mut running = JoinSet::new();
            let start = |running: &mut JoinSet<_>, urls: Vec<Url>| {
                for url in urls {
                    let client = client.clone();
                    running.spawn(async move { (get(&client, &url).await, url) });
                }
            };
            start(&mut running, urls);
            while let Some(ended) = running.join_next().await {
                // a task that panicked was told of, and is missed by who waits for its module
                let Ok((answer, url)) = ended else { continue };
                start(&mut running, take(&url, answer));
            }
        });
    }
}

fn refuse_all(urls: Vec<Url>, take: Taker<'_>, code: &str, problem: &str) {
    for url in urls {
        let error = ImportError::Unreachable {
            url: url.to_string(),
            code: code.to_owned(),
            problem: problem.to_owned(),
        };
        take(&url, Err(error));
    }
}

async fn get(client: &RegistryClient, url: &Url) -> Result<Answer, ImportError> {
    let request = ApiRequest { follows_redirects: false, ..ApiRequest::new(Method::GET, url.as_str()) };
    match client.request(&request).await {
        Ok(response) => {
            let text = |name| response.headers.get(name)?.to_str().ok().map(str::to_owned);
            Ok(Answer {
                status: response.status.as_u16(),
                content_type: text(header::CONTENT_TYPE),
                location: text(header::LOCATION),
                body: response.body.into(),
            })
        }
        Err(error) => match error.refusal() {
            Some(refusal) => {
                Ok(Answer { status: refusal.status, content_type: None, location: None, body: Vec::new() })
            }
            None => {
                let (url, code) = (url.to_string(), error.code());
                Err(ImportError::Unreachable { url, code, problem: told(&error) })
            }
        },
    }
}

fn told(error: &RegistryError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}
