// Readings as messages of the feed, one a workplace: built when they are stored, owed as numbers of their frames, and
// built again from those when they are sent later.
#pragma once

#include <string>
#include <vector>

#include "core/batch.hpp"
#include "core/site.hpp"
#include "feed/payload.hpp"
#include "storage/outbox.hpp"
#include "storage/readings.hpp"

namespace hazgate::app {

class ReadingsMessages {
 public:
  ReadingsMessages(const core::Site& site, storage::Readings& readings, storage::Outbox& outbox);

  /// Owes a batch that was just stored, `first_frame` being the id of its first frame. Appends the rows, with their
  /// text for who can send them at once. In the caller's transaction; after its end by a throw: forget().
  void owe(const core::Batch& batch, std::int64_t first_frame, core::Timestamp now,
           std::vector<storage::OutboxRow>& rows);
  /// The same for minute means, whose reason goes out with them.
  void owe_means(std::span<const core::Reading> means, std::string_view reason, core::Timestamp now,
                 std::vector<storage::OutboxRow>& rows);
  void forget();
  /// To the letter what went along with owe(); polls that the store cannot give back are counted in it. Throws
  /// StoreError where it may give them back later.
  std::string text_of(const storage::FramesOwed& message);

 private:
  struct Message {
    std::string text;
    std::size_t last_size = 0;  ///< of the text before, to begin with as much room
    std::uint32_t readings = 0;
    storage::FramesOwed frames;
  };
  /// What the messages of one call have in common.
  struct Call {
    core::Timestamp now;
    std::string_view thinned;
    std::vector<storage::OutboxRow>& rows;
  };
  Message& message_for(core::WorkplaceIndex workplace, std::uint32_t readings, const Call& call);
  void finish(core::WorkplaceIndex workplace, const Call& call);
  void finish_all(const Call& call);

  bool append_frame(std::string& text, std::int64_t id) const;

  const core::Site& site_;
  storage::Readings& readings_;
  storage::Outbox& outbox_;
  feed::ReadingsEncoder encoder_;
  std::vector<std::string> topics_;            ///< of each workplace
  std::vector<Message> messages_;              ///< being built, one a workplace
  std::size_t last_owed_size_ = 0;             ///< of a text that was built again
  std::vector<core::WorkplaceIndex> touched_;  ///< workplaces with a message in this call
};

}  // namespace hazgate::app
