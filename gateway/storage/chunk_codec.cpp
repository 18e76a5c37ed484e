#include "storage/chunk_codec.hpp"

#include <zstd.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <new>

namespace hazgate::storage {

namespace {

constexpr std::uint8_t plain = 0, compressed = 1;
constexpr int zstd_level = 3;
/// What a value takes at most before it is compressed: a run of its own (two short numbers, a double), or eight planes;
/// and its flag.
constexpr std::size_t most_bytes_a_value = 32, most_bytes_of_a_head = 128;

std::size_t most_bytes(std::size_t values) { return most_bytes_of_a_head + most_bytes_a_value * values; }

/// From one to the next; the first stands before them.
std::vector<std::int64_t> steps_of(std::span<const std::int64_t> numbers) {
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < numbers.size(); ++i)
    steps.push_back(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(numbers[i]) - static_cast<std::uint64_t>(numbers[i - 1])));
  return steps;
}

void write_steps(std::span<const std::int64_t> numbers, ByteWriter to) {
  to.signed_number(numbers.empty() ? 0 : numbers.front());
  encode_integers(steps_of(numbers), to);
}

std::optional<std::vector<std::int64_t>> from_steps(ByteReader& from, std::size_t count) {
  auto number = static_cast<std::uint64_t>(from.signed_number());
  const auto steps = integers_from(from, count == 0 ? 0 : count - 1);
  if (!steps) return std::nullopt;
  std::vector<std::int64_t> numbers;
  numbers.reserve(count);
  if (count > 0) numbers.push_back(static_cast<std::int64_t>(number));
  for (const auto step : *steps) {
    number += static_cast<std::uint64_t>(step);
    numbers.push_back(static_cast<std::int64_t>(number));
  }
  return numbers;
}

/// Runs of what `at(i)` gives: how long, then what `write` makes of it.
template <class At, class Write>
void write_runs(std::size_t count, ByteWriter to, At at, Write write) {
  for (std::size_t first = 0; first < count;) {
    auto end = first + 1;
    while (end < count && at(end) == at(first)) ++end;
    to.number(end - first);
    write(at(first));
    first = end;
  }
}

/// `read` takes one run of so many; false when it is none of ours.
template <class Read>
bool runs_from(ByteReader& from, std::size_t count, Read read) {
  for (std::size_t met = 0; met < count;) {
    const auto run = from.number();
    if (!from.good() || run == 0 || run > count - met || !read(static_cast<std::size_t>(run))) return false;
    met += run;
  }
  return true;
}

bool heartbeats_from(ByteReader& from, std::size_t frames, Moments& moments) {
  const auto many = from.number();
  if (!from.good() || many > frames) return false;
  std::vector<std::uint32_t> which;
  std::uint64_t frame = 0;
  for (std::uint64_t i = 0; i < many; ++i) {
    const auto gap = from.number();
    if (!from.good() || gap >= frames - frame) return false;
    frame += gap;
    which.push_back(static_cast<std::uint32_t>(frame++));
  }
  const auto counters = values_from(from, which.size());
  if (!counters) return false;
  for (std::size_t i = 0; i < which.size(); ++i) moments.heartbeats.emplace_back(which[i], (*counters)[i]);
  return true;
}

}  // namespace

struct Packer::Context {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  Context() {
    if (zstd == nullptr) throw std::bad_alloc();
  }
  ~Context() { ZSTD_freeCCtx(zstd); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Packer::Packer() : context_(std::make_unique<Context>()) {}
Packer::~Packer() = default;

std::vector<std::byte> Packer::pack(std::span<const std::byte> bytes) {
  std::vector<std::byte> packed(1 + ZSTD_compressBound(bytes.size()));
  const auto size =
      ZSTD_compressCCtx(context_->zstd, packed.data() + 1, packed.size() - 1, bytes.data(), bytes.size(), zstd_level);
  if (ZSTD_isError(size) != 0 || size >= bytes.size()) {
    packed.assign(bytes.begin(), bytes.end());
    packed.insert(packed.begin(), std::byte{plain});
    return packed;
  }
  packed[0] = std::byte{compressed};
  packed.resize(1 + size);
  return packed;
}

namespace {
struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
/// A month of minutes is 720 blobs, and to make a context anew takes longer than to read one of them.
ZSTD_DCtx* context_of_thread() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  return context.get();
}
}  // namespace

std::optional<std::vector<std::byte>> unpacked(std::span<const std::byte> packed, std::size_t most) {
  if (packed.empty()) return std::nullopt;
  const auto rest = packed.subspan(1);
  if (packed[0] == std::byte{plain}) {
    if (rest.size() > most) return std::nullopt;
    return std::vector<std::byte>(rest.begin(), rest.end());
  }
  const auto size = ZSTD_getFrameContentSize(rest.data(), rest.size());
  if (packed[0] != std::byte{compressed} || size > most) return std::nullopt;  // also the two that stand for errors
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (ZSTD_decompressDCtx(context_of_thread(), bytes.data(), bytes.size(), rest.data(), rest.size()) != size)
    return std::nullopt;
  return bytes;
}

std::vector<std::byte> encode_moments(const Moments& moments, Packer& packer) {
  std::vector<std::byte> bytes;
  ByteWriter to(bytes);
  write_steps(moments.ids, to);
  write_steps(moments.times, to);
  write_runs(
      moments.counts.size(), to, [&](auto i) { return moments.counts[i]; }, [&](auto count) { to.number(count); });
  to.number(moments.heartbeats.size());
  std::uint32_t next = 0;
  std::vector<double> counters;
  for (const auto& [frame, counter] : moments.heartbeats) {
    to.number(frame - next);
    next = frame + 1;
    counters.push_back(counter);
  }
  encode_values(counters, {}, to);
  return packer.pack(bytes);
}

std::optional<Moments> moments_from(std::span<const std::byte> blob, std::size_t frames) {
  if (frames > most_frames_a_stretch) return std::nullopt;
  const auto bytes = unpacked(blob, 2 * most_bytes(frames));
  if (!bytes) return std::nullopt;
  ByteReader from(*bytes);
  auto ids = from_steps(from, frames);
  if (!ids || std::ranges::adjacent_find(*ids, std::greater_equal{}) != ids->end()) return std::nullopt;
  auto times = from_steps(from, frames);
  if (!times) return std::nullopt;
  Moments moments{.ids = std::move(*ids), .times = std::move(*times), .counts = {}, .heartbeats = {}};
  const bool counted = runs_from(from, frames, [&](std::size_t run) {
    const auto count = from.number();
    moments.counts.insert(moments.counts.end(), run, static_cast<std::uint32_t>(count));
    return from.good() && count <= std::numeric_limits<std::uint32_t>::max();
  });
  if (!counted || !heartbeats_from(from, frames, moments) || !from.at_end()) return std::nullopt;
  return moments;
}

std::vector<std::byte> encode_column(const SampleColumn& column, Scale hint, Packer& packer) {
  std::vector<std::byte> bytes;
  ByteWriter to(bytes);
  write_runs(
      column.flags.size(), to, [&](auto i) { return std::pair(column.flags[i], column.doubts[i]); },
      [&](auto judged) {
        to.byte(static_cast<std::uint8_t>(judged.first));
        to.byte(static_cast<std::uint8_t>(judged.second));
      });
  encode_values(column.values, hint, to);
  return packer.pack(bytes);
}

std::optional<SampleColumn> column_from(std::span<const std::byte> blob, std::size_t samples) {
  if (samples > most_frames_a_stretch) return std::nullopt;
  const auto bytes = unpacked(blob, most_bytes(samples));
  if (!bytes) return std::nullopt;
  ByteReader from(*bytes);
  SampleColumn column;
  const bool judged = runs_from(from, samples, [&](std::size_t run) {
    const auto flag = core::flag_from(static_cast<char>(from.byte()));
    const auto doubt = core::doubt_of_sample(from.byte());
    if (!from.good() || !flag || !doubt) return false;
    column.flags.insert(column.flags.end(), run, *flag);
    column.doubts.insert(column.doubts.end(), run, *doubt);
    return true;
  });
  auto values = judged ? values_from(from, samples) : std::nullopt;
  if (!values || !from.at_end()) return std::nullopt;
  column.values = std::move(*values);
  return column;
}

}  // namespace hazgate::storage
