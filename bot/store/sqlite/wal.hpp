#pragma once
// Looks whether the write-ahead log lost something that was acknowledged.
//
// SQLite reads its log up to the first frame whose checksum is wrong and silently forgets what follows: right for a write
// torn by a crash, wrong for a damaged byte in the middle. The two can be told apart. Every commit is synced before the next
// transaction writes its first frame, so a torn write is always in the last transaction. Frames of a later transaction
// behind a bad one are therefore a loss, unless the database file holds their pages already. Format:
// https://www.sqlite.org/fileformat2.html#walformat (sections 4.1 to 4.3).

#include <string>

namespace vedette::sqlite {

// A few words on what is damaged, or empty. Reads only. `path` is the database; a missing log is sound.
std::string wal_damage(const std::string& path);

}  // namespace vedette::sqlite
