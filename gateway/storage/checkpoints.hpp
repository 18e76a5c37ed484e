// Checkpoints: what an engine held of each device, so that a restart reads the frames since and not the whole shift.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

struct Checkpoint {
  std::string subject;        ///< the device's text id
  std::uint32_t version = 0;  ///< of the state's form: what another one wrote is not for this program
  std::int64_t frame = 0;     ///< the last frame that the state contains, Readings::last_frame_id()
  core::Timestamp at;         ///< when it was taken
  std::vector<std::byte> state;
};

/// The least frame of the checkpoints of `kind` whose subject `counts`: a restart reads on behind it. The greatest
/// number there is where there are none. On any connection.
std::int64_t least_frame(Database& database, std::string_view kind,
                         const std::function<bool(std::string_view)>& counts);

class Checkpoints {
 public:
  /// `kind` names the engine, so that several keep theirs side by side.
  Checkpoints(Database& database, std::string kind);
  ~Checkpoints();

  /// Takes the place of the one before it. Belongs into the transaction of the last frames that it contains, after
  /// their append and before the next: then neither can be there without the other. Throws StoreError.
  void save(const Checkpoint& checkpoint);
  /// By subject.
  std::vector<Checkpoint> load_all();
  /// A subject that is not there is no error.
  void remove(std::string_view subject);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
