//! The attack suite: input that means harm, a file per way in.
//!
//! Owns the text, environments, files, folders and clocks that others hand to us.

/// Other repositories, of which not everything is known.
mod abroad;
/// Refs at a remote that keep out others.
mod blockers;
/// Lines of a cache that lie.
mod cached_lines;
/// Clocks that were wrong.
mod clocks;
/// Objects that the remote cannot read.
mod damaged_hub;
/// Variables that would redirect Git or us.
mod environment;
/// Floods: payloads and output without end.
mod floods;
/// Copies, equal ids, planted states.
mod impostors;
/// Ref locks that a killed process left behind.
mod left_locks;
/// Locks of other processes.
mod locks;
/// Copies of foreign records that lost an object.
mod lost_copies;
/// Alternates, replacement objects and grafts.
mod objects;
/// Pipes, devices and links where a repository is searched.
mod odd_files;
/// Names that differ from clone to clone.
mod other_names;
/// Things in the place of the files of a clone.
mod own_files;
/// Remotes that are not one place.
mod places;
/// Relative paths as URLs, seen from a folder.
mod processes;
mod relative_urls;
/// Embedded bare repositories, and those of other users.
mod repositories;
/// What a host forbids, and its words.
mod server_words;
/// Command lines that hide what they do.
mod spelling;
/// Control characters, lengths and look-alikes.
mod system_words;
mod text;
/// Archives and floors that cannot be read.
mod unfoldable;
/// Records that cannot be read, and more of them than a hook has time for.
mod unread;
/// Settings that Git sees in another way.
mod unseen_settings;
/// Places of pushes by other words.
mod urls_of_pushes;
/// Folders and repositories that a command seems not to be about.
mod where_it_acts;
/// Words that want to be taken for ours.
mod words;
