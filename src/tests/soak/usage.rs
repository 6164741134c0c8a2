//! What the processes use while they are visited: memory and file descriptors, each second.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::processes::Processes;

const INTERVAL: Duration = Duration::from_millis(500);
/// Into how many parts the samples are divided whose least memory tells growth.
const PARTS: usize = 10;

/// Looks at both processes until it is asked for what it saw.
pub struct Watch(JoinHandle<()>, Arc<std::sync::Mutex<[Vec<Sample>; 2]>>);

/// One look at one process.
#[derive(Clone, Copy)]
struct Sample {
    minutes: f64,
    megabytes: f64,
    descriptors: usize,
}

/// What one process used in a part of the time.
pub struct Usage {
    /// The mean, in megabytes.
    pub megabytes: f64,
    /// How fast the memory grew that it kept, in percent of the mean for each minute.
    pub growth: f64,
    /// The most file descriptors at once.
    pub descriptors: usize,
}

impl Watch {
    pub fn over(processes: &Arc<Processes>) -> Self {
        let samples = Arc::default();
        let (watched, kept, begun) = (Arc::clone(processes), Arc::clone(&samples), Instant::now());
        let watch = tokio::spawn(async move {
            loop {
                for (index, process) in watched.both.iter().enumerate() {
                    if let Some(sample) = process.id().and_then(|id| Sample::of(id, process.descriptors(), begun)) {
                        let kept: &std::sync::Mutex<[Vec<Sample>; 2]> = &kept;
                        kept.lock().unwrap()[index].push(sample);
                    }
                }
                tokio::time::sleep(INTERVAL).await;
            }
        });
        Self(watch, samples)
    }

    /// What each process used between two moments, in parts of the time since the watch began.
    pub fn between(&self, from: f64, to: f64) -> [Usage; 2] {
        let samples = self.1.lock().unwrap();
        let last = samples.iter().flatten().map(|sample| sample.minutes).fold(0.0, f64::max);
        samples.each_ref().map(|all| {
            let is_within = |sample: &&Sample| (from * last..=to * last).contains(&sample.minutes);
            Usage::of(&all.iter().filter(is_within).copied().collect::<Vec<_>>())
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sample {
    /// `None` when the process has ended.
    fn of(process: u32, descriptors: usize, begun: Instant) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(Self { minutes: begun.elapsed().as_secs_f64() / 60.0, megabytes: kilobytes / 1000.0, descriptors })
    }
}

impl Usage {
    fn of(samples: &[Sample]) -> Self {
        let count = f64::from(u32::try_from(samples.len()).unwrap()).max(1.0);
        let megabytes = samples.iter().map(|sample| sample.megabytes).sum::<f64>() / count;
        let growth = slope(&least_of_each_part(samples)) / megabytes.max(f64::MIN_POSITIVE) * 100.0;
        let descriptors = samples.iter().map(|sample| sample.descriptors).max().unwrap_or_default();
        Self { megabytes, growth, descriptors }
    }
}

/// The sample with the least memory in each part: what requests hold for a moment is not what a process keeps.
fn least_of_each_part(samples: &[Sample]) -> Vec<Sample> {
    let parts = samples.chunks(samples.len().div_ceil(PARTS).max(1));
    parts.filter_map(|part| part.iter().min_by(|a, b| a.megabytes.total_cmp(&b.megabytes))).copied().collect()
}

/// Of the line that fits best (least squares), in megabytes a minute.
fn slope(samples: &[Sample]) -> f64 {
    let count = f64::from(u32::try_from(samples.len()).unwrap()).max(1.0);
    let mean = |value: fn(&Sample) -> f64| samples.iter().map(value).sum::<f64>() / count;
    let (minutes, megabytes) = (mean(|sample| sample.minutes), mean(|sample| sample.megabytes));
    let (mut together, mut alone) = (0.0, f64::MIN_POSITIVE);
    for sample in samples {
        let distance = sample.minutes - minutes;
        together += distance * (sample.megabytes - megabytes);
        alone += distance * distance;
    }
    together / alone
}

impl Display for Usage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { megabytes, growth, descriptors } = self;
        write!(f, "{megabytes:.1} MB, {growth:+.2} % a minute, {descriptors} descriptors at most")
    }
}
