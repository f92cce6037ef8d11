//! Which part of a list is asked for, in each of the ways that npm's clients have to say it.

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// How many items come before it.
    pub from: usize,
    pub size: usize,
}

impl Part {
    /// `?page=&perPage=`: pages are counted from 0, and have `most` items unless fewer are asked for.
    pub fn in_pages(parameter: impl Fn(&str) -> Option<String>, most: usize) -> Part {
        let size = number(&parameter, "perPage").unwrap_or(most).clamp(1, most);
        Part { from: number(&parameter, "page").unwrap_or(0).saturating_mul(size), size }
    }

    /// How many items to pass over, and how many to show, by the names of their parameters; `usual` unless it is said,
    /// and never more than `most`.
    pub fn by_numbers(
        parameter: impl Fn(&str) -> Option<String>,
        [from, size]: [&str; 2],
        usual: usize,
        most: usize,
    ) -> Part {
        Part {
            from: number(&parameter, from).unwrap_or(0),
            size: number(&parameter, size).unwrap_or(usual).min(most),
        }
    }

    /// The items of a whole list that are in it.
    pub fn of<T>(self, all: Vec<T>) -> impl Iterator<Item = T> {
        all.into_iter().skip(self.from).take(self.size)
    }

    /// The number of the page behind this one, where a list of `total` items has one.
    pub fn next_page(self, total: usize) -> Option<usize> {
        let end = self.from.saturating_add(self.size);
        (end < total).then(|| end / self.size)
    }
}

fn number(parameter: impl Fn(&str) -> Option<String>, name: &str) -> Option<usize> {
    parameter(name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::query_parameter;

    #[test]
    fn a_query_says_which_part_it_is() {
        for (query, in_pages, by_numbers) in [
            ("", (0, 10), (0, 5)),
            ("page=2&perPage=3&offset=4&limit=6", (6, 3), (4, 6)),
            ("page=1", (10, 10), (0, 5)),
            ("page=-1&perPage=0&offset=x&limit=0", (0, 1), (0, 0)),
            ("page=18446744073709551615&perPage=99&limit=99", (usize::MAX, 10), (0, 7)),
        ] {
            let parameter = |name: &str| query_parameter(query, name);
            let part = Part::in_pages(parameter, 10);
            assert_eq!((part.from, part.size), in_pages, "{query}");
            let part = Part::by_numbers(parameter, ["offset", "limit"], 5, 7);
            assert_eq!((part.from, part.size), by_numbers, "{query}");
        }
    }

    #[test]
    fn a_list_is_read_page_by_page() {
        let mut page = Some(0);
        let mut read = Vec::new();
        while let Some(number) = page {
            let part = Part { from: number * 3, size: 3 };
            read.push(part.of((0..7).collect()).collect::<Vec<_>>());
            page = part.next_page(7);
        }
        assert_eq!(read, [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
        assert_eq!(Part { from: usize::MAX, size: 3 }.next_page(7), None);
    }
}
