//! Medians and ratios of all runs.
//!
//! The best peer of a row is the one with the lowest median (highest, for percent). A ratio is the
//! median of the ratios to it in the same round of the same run; over the runs, again the median,
//! with the smallest and the largest as its spread.

use crate::contest::{Contest, Row, Side, Unit};
use crate::measure::{Run, Series};
use serde::Serialize;

/// The results of a contest.
#[derive(Serialize)]
pub struct Results {
    /// The contest's name.
    pub contest: &'static str,
    /// One entry a row that was measured.
    pub rows: Vec<RowResult>,
}

/// The results of a row.
#[derive(Serialize)]
pub struct RowResult {
    /// The row's name.
    pub row: &'static str,
    /// The name of the best peer.
    pub best: &'static str,
    /// Every contender that did the work.
    pub entries: Vec<Entry>,
}

/// The result of a contender in a row.
#[derive(Clone, Serialize)]
pub struct Entry {
    /// The contender's name.
    pub contender: &'static str,
    /// Its side; the JSON names the contender only.
    #[serde(skip)]
    pub side: Side,
    /// The median of the runs' medians, in the row's unit.
    pub figure: f64,
    /// The ratio to the best peer.
    pub ratio: Ratio,
}

/// A ratio with its spread over the runs.
#[derive(Clone, Copy, Serialize)]
pub struct Ratio {
    /// The smallest of a run.
    pub least: f64,
    /// The median.
    pub median: f64,
    /// The largest of a run.
    pub most: f64,
}

impl Results {
    /// Evaluates the runs of a contest.
    pub fn of(contest: &Contest, runs: &[Run]) -> Results {
        let rows = contest
            .rows
            .iter()
            .filter_map(|row| RowResult::of(contest, row, runs));
        Results {
            contest: contest.name,
            rows: rows.collect(),
        }
    }

    /// The geometric mean of a side's ratios over the rows that are times.
    pub fn mean(&self, contest: &Contest, side: Side) -> Option<f64> {
        let is_time = |result: &&RowResult| {
            let row = contest.rows.iter().find(|row| row.name == result.row);
            row.is_some_and(|row| row.unit == Unit::Nanoseconds)
        };
        let ratios: Vec<f64> = self
            .rows
            .iter()
            .filter(is_time)
            .filter_map(|row| Some(row.of_side(side)?.ratio.median))
            .collect();
        let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
        (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
    }
}

impl RowResult {
    /// The first contender of a side.
    pub fn of_side(&self, side: Side) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.side == side)
    }

    /// The best peer.
    pub fn best(&self) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.contender == self.best)
    }

    fn of(contest: &Contest, row: &Row, runs: &[Run]) -> Option<RowResult> {
        let of_row: Vec<Vec<&Series>> = runs
            .iter()
            .map(|run| {
                run.series
                    .iter()
                    .filter(|series| series.row == row.name)
                    .collect()
            })
            .collect();
        let samples = |run: &[&Series], name: &str| -> Option<Vec<f64>> {
            Some(
                run.iter()
                    .find(|series| series.contender == name)?
                    .samples
                    .clone(),
            )
        };
        let figure = |name: &str| {
            let medians = of_row
                .iter()
                .filter_map(|run| Some(median(samples(run, name)?)));
            let medians: Vec<f64> = medians.collect();
            (!medians.is_empty()).then(|| median(medians))
        };
        let peers = contest
            .contenders
            .iter()
            .filter(|peer| peer.side == Side::Peer);
        let by_figure = peers.filter_map(|peer| Some((figure(peer.name)?, peer.name)));
        let (_, best) = match row.unit {
            Unit::Nanoseconds => by_figure.min_by(|a, b| a.0.total_cmp(&b.0)),
            Unit::Percent => by_figure.max_by(|a, b| a.0.total_cmp(&b.0)),
        }?;
        let entries = contest.contenders.iter().filter_map(|contender| {
            let ratios = of_row.iter().filter_map(|run| {
                let (own, best) = (samples(run, contender.name)?, samples(run, best)?);
                Some(median(
                    own.iter().zip(best).map(|(own, best)| own / best).collect(),
                ))
            });
            Some(Entry {
                contender: contender.name,
                side: contender.side,
                figure: figure(contender.name)?,
                ratio: Ratio::of(ratios.collect()),
            })
        });
        Some(RowResult {
            row: row.name,
            best,
            entries: entries.collect(),
        })
    }
}

impl Ratio {
    fn of(runs: Vec<f64>) -> Ratio {
        Ratio {
            least: runs.iter().copied().fold(f64::INFINITY, f64::min),
            most: runs.iter().copied().fold(0.0, f64::max),
            median: median(runs),
        }
    }
}

/// The median; of an even number, the lower one of the two.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[(figures.len() - 1) / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::{Contender, Work};

    fn contender(name: &'static str, side: Side) -> Contender {
        fn prepare(_: &str) -> Option<Work> {
            None
        }
        Contender {
            name,
            side,
            check: || Ok(()),
            prepare,
        }
    }

    #[test]
    fn ratios_are_taken_within_a_run() {
        let rows = vec![
            Row {
                name: "r",
                work: "",
                unit: Unit::Nanoseconds,
            },
            Row {
                name: "q",
                work: "",
                unit: Unit::Percent,
            },
        ];
        let contenders = vec![
            contender("slow", Side::Peer),
            contender("fast", Side::Peer),
            contender("ours", Side::Ours),
        ];
        let contest = Contest {
            name: "test",
            title: "",
            notes: &[],
            rows: rows.leak(),
            contenders: contenders.leak(),
        };
        let series = |row: &str, contender: &str, samples: &[f64]| Series {
            row: row.into(),
            contender: contender.into(),
            samples: samples.into(),
        };
        // The second run is on a machine that is ten times slower.
        let run = |factor: f64, ours: f64| Run {
            series: vec![
                series("r", "slow", &[4.0 * factor; 3]),
                series("r", "fast", &[2.0 * factor, 2.0 * factor, 90.0]),
                series("r", "ours", &[ours * factor, ours * factor, 1.0]),
                series("q", "slow", &[50.0]),
                series("q", "ours", &[25.0]),
            ],
        };
        let results = Results::of(&contest, &[run(1.0, 1.0), run(10.0, 3.0), run(1.0, 1.0)]);
        let row = &results.rows[0];
        assert_eq!((row.best, row.best().unwrap().figure), ("fast", 2.0));
        let ratio = row.of_side(Side::Ours).unwrap().ratio;
        assert_eq!((ratio.least, ratio.median, ratio.most), (0.5, 0.5, 1.5));
        assert_eq!(results.rows[1].best, "slow");
        assert_eq!(results.mean(&contest, Side::Ours), Some(0.5));
        assert_eq!(results.mean(&contest, Side::Floor), None);
    }
}
