//! A real name server on 127.0.0.1, over UDP and TCP, that answers from a zone that the test writes, and misbehaves where it says so.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{MX, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// What is said of a name.
#[derive(Debug, Clone)]
enum Says {
    Records(Vec<RData>),
    Code(ResponseCode),
    /// Nothing, ever.
    Silence,
    /// Over UDP only that the answer is too long.
    Cut(Vec<RData>),
}

type Zone = Arc<Mutex<HashMap<String, HashMap<RecordType, Says>>>>;

/// The running server. A name that was never mentioned does not exist.
pub struct DnsServer {
    pub addr: SocketAddr,
    zone: Zone,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// How often the threads look whether the test is over.
const LOOK: Duration = Duration::from_millis(20);

impl DnsServer {
    pub fn start() -> Self {
        let (udp, tcp) = sockets();
        let addr = udp.local_addr().unwrap();
        let (zone, stop) = (Zone::default(), Arc::new(AtomicBool::new(false)));
        let threads = vec![
            std::thread::spawn({
                let (zone, stop) = (Arc::clone(&zone), Arc::clone(&stop));
                move || over_udp(&udp, &zone, &stop)
            }),
            std::thread::spawn({
                let (zone, stop) = (Arc::clone(&zone), Arc::clone(&stop));
                move || over_tcp(&tcp, &zone, &stop)
            }),
        ];
        Self { addr, zone, stop, threads }
    }

    fn set(&self, name: &str, kind: RecordType, says: Says) {
        self.zone.lock().unwrap().entry(name.to_lowercase()).or_default().insert(kind, says);
    }

    fn texts_as_data(texts: &[&str]) -> Vec<RData> {
        let strings = |text: &str| text.as_bytes().chunks(255).map(|s| String::from_utf8(s.to_vec()).unwrap()).collect();
        texts.iter().map(|text| RData::TXT(TXT::new(strings(text)))).collect()
    }

    /// The name's texts, long ones in several strings; in place of those it had.
    pub fn texts(&self, name: &str, texts: &[&str]) -> &Self {
        self.set(name, RecordType::TXT, Says::Records(Self::texts_as_data(texts)));
        self
    }

    /// A record as a zone file has it: what the doctor says to publish.
    pub fn zone_line(&self, line: &str) -> &Self {
        let (name, data) = line.split_once(". IN TXT ").unwrap_or_else(|| panic!("{line}"));
        let strings: Vec<String> = data.trim_matches('"').split("\" \"").map(str::to_owned).collect();
        assert!(strings.iter().all(|s| s.len() <= 255), "{line}");
        self.set(name, RecordType::TXT, Says::Records(vec![RData::TXT(TXT::new(strings))]));
        self
    }

    pub fn mx(&self, name: &str, hosts: &[&str]) -> &Self {
        let host = |(n, host): (usize, &&str)| RData::MX(MX::new(u16::try_from(n).unwrap(), Name::from_ascii(host).unwrap()));
        self.set(name, RecordType::MX, Says::Records(hosts.iter().enumerate().map(host).collect()));
        self
    }

    pub fn addresses(&self, name: &str, addresses: &[&str]) -> &Self {
        let parsed: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        for (kind, four) in [(RecordType::A, true), (RecordType::AAAA, false)] {
            let of_kind = parsed.iter().filter(|ip| ip.is_ipv4() == four).map(|ip| RData::from(*ip)).collect();
            self.set(name, kind, Says::Records(of_kind));
        }
        self
    }

    /// Every question about the name is answered with SERVFAIL.
    pub fn fails(&self, name: &str) -> &Self {
        for kind in [RecordType::TXT, RecordType::MX, RecordType::A, RecordType::AAAA] {
            self.set(name, kind, Says::Code(ResponseCode::ServFail));
        }
        self
    }

    /// Questions for the name's texts are never answered.
    pub fn silent(&self, name: &str) -> &Self {
        self.set(name, RecordType::TXT, Says::Silence);
        self
    }

    /// The name's texts are told over TCP only.
    pub fn cut(&self, name: &str, texts: &[&str]) -> &Self {
        self.set(name, RecordType::TXT, Says::Cut(Self::texts_as_data(texts)));
        self
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Both kinds of socket on one port.
fn sockets() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            udp.set_read_timeout(Some(LOOK)).unwrap();
            tcp.set_nonblocking(true).unwrap();
            return (udp, tcp);
        }
    }
    panic!("no port is free for both UDP and TCP");
}

fn over_udp(socket: &UdpSocket, zone: &Zone, stop: &AtomicBool) {
    let mut buffer = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
        if let Some(answer) = answer(&buffer[..length], zone, true) {
            let _ = socket.send_to(&answer, from);
        }
    }
}

fn over_tcp(listener: &TcpListener, zone: &Zone, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let Ok((mut stream, _)) = listener.accept() else {
            std::thread::sleep(LOOK);
            continue;
        };
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
        let mut length = [0; 2];
        while !stop.load(Ordering::Relaxed) && stream.read_exact(&mut length).is_ok() {
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            if stream.read_exact(&mut question).is_err() {
                break;
            }
            let Some(answer) = answer(&question, zone, false) else { break };
            let framed = [&u16::try_from(answer.len()).unwrap().to_be_bytes()[..], &answer].concat();
            if stream.write_all(&framed).is_err() {
                break;
            }
        }
    }
}

fn answer(question: &[u8], zone: &Zone, may_cut: bool) -> Option<Vec<u8>> {
    let asked = Message::from_vec(question).ok()?;
    let query = asked.queries.first()?.clone();
    let name = query.name().to_ascii().trim_end_matches('.').to_lowercase();
    let mut response = Message::response(asked.metadata.id, asked.metadata.op_code);
    response.metadata.recursion_desired = true;
    response.metadata.recursion_available = true;
    let says = zone.lock().unwrap().get(&name).map(|kinds| kinds.get(&query.query_type()).cloned());
    let records = match says {
        None => {
            response.metadata.response_code = ResponseCode::NXDomain;
            Vec::new()
        }
        Some(None) => Vec::new(),
        Some(Some(Says::Records(records))) => records,
        Some(Some(Says::Cut(records))) if !may_cut => records,
        Some(Some(Says::Cut(_))) => {
            response.metadata.truncation = true;
            Vec::new()
        }
        Some(Some(Says::Code(code))) => {
            response.metadata.response_code = code;
            Vec::new()
        }
        Some(Some(Says::Silence)) => return None,
    };
    for data in records {
        response.add_answer(Record::from_rdata(query.name().clone(), 60, data));
    }
    response.add_query(query);
    response.to_vec().ok()
}
