#include "blocking.h"

#include "../runtime/sizes.h"

// Below it, packing B anew for every block of rows costs more than reading A from memory.
enum { SMALLEST_MC = 510 };

ck_gemm_blocking ck_choose_gemm_blocking(ck_caches caches, size_t mr, size_t nr) {
  const size_t column = CK_GEMM_KC * sizeof(float), row = column;
  // B stays in L2 while panels of A and tiles of C pass through the last quarter.
  const size_t l2 = caches.l2.bytes / larger_size(caches.l2.cpus, 1);
  const size_t columns = smaller(l2 / 4 * 3 / column, CK_GEMM_NC);
  // A is read once for each block of B: from half of a CPU's share of the third level, where there is one.
  const size_t share = caches.l3.bytes / larger_size(caches.l3.cpus, 1);
  const size_t rows = share > 0 ? larger_size(share / 2 / row, SMALLEST_MC) : CK_GEMM_MC;
  return (ck_gemm_blocking){.mc = larger_size(smaller(rows, CK_GEMM_MC) / mr, 1) * mr,
                            .nc = larger_size(columns / nr, 1) * nr};
}
