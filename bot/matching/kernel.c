/* What a question spends most of its time with, in C: two to four times as fast as the same in numpy.
 *
 * bot/matching/plain.py is the same in numpy. It says what each function computes and from what, and does the work where
 * the installation found no C compiler; tests/test_matching_kernel.py holds the two against each other.
 *
 * Arrays come as contiguous buffers of the types that plain.py names, and what is found is written into buffers that the
 * caller made. Their contents are the index's own, as bot/matching/ngrams.py builds them; of what a trainee wrote only
 * code points get here, and any will do. An index is larger than the processor's nearest memory, so what costs time is
 * waiting for it, and branches that are guessed wrongly; arithmetic is free beside them.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* As in plain.py, and raised there and here with every change of what a function takes or gives: a kernel that was
 * compiled from an older source is not used. */
#define VERSION 2

/* Bytes that come from memory at once. */
#define LINE 64

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

/* Whether buffers have the lengths that belong together; else that is an error. */
static int
agree(int condition)
{
    if (!condition)
        PyErr_SetString(PyExc_ValueError, "arrays whose types or lengths do not belong together");
    return condition;
}

static void
release(Py_buffer *buffers, int count)
{
    while (count--)
        PyBuffer_Release(&buffers[count]);
}

/* What a function returns that has written all into a buffer. */
static PyObject *
released(Py_buffer *buffers, int count)
{
    release(buffers, count);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* A number of 16 bits, from 0 up, as one of 32: shifted into place, only the bias of the exponents differs, 15 and 127. */
static inline float
widened(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value * 0x1p112f;
}

/* ---- hashes ---- */

/* As in plain.py. */
#define MULTIPLIER 0xD1342543DE82EF95u

static PyObject *
hashes(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer text;
    int smallest, largest;
    if (!PyArg_ParseTuple(args, "y*ii", &text, &smallest, &largest))
        return NULL;
    const uint32_t *codes = text.buf;
    Py_ssize_t length = text.len / 4, count = 0;
    for (Py_ssize_t size = smallest; size <= largest; size++)
        count += size <= length ? length - size + 1 : 0;
    PyObject *found = PyBytes_FromStringAndSize(NULL, count * 8);
    char *to = found ? PyBytes_AsString(found) : NULL;
    for (Py_ssize_t size = smallest; to && size <= largest; size++)
        for (Py_ssize_t start = 0; start + size <= length; start++, to += 8) {
            uint64_t hash = 0;
            for (Py_ssize_t place = size; place--;)
                hash = (hash + codes[start + place]) * MULTIPLIER;
            memcpy(to, &hash, 8);
        }
    PyBuffer_Release(&text);
    return found;
}

/* ---- scores ---- */

/* The n-grams that documents have: their hashes in order, and where those begin whose first bits are 0, 1, 2 ... */
typedef struct {
    const uint64_t *hashes;
    const int32_t *shelves;
    int other_bits;
    const float *idf;
    const int32_t *starts;
} Known;

/* An n-gram of the text that was asked. */
typedef struct {
    uint64_t hash;
    Py_ssize_t times, place;
    double weight;
} Gram;

static int
order_of(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Each hash once, with how often it is there. Returns how many that are. */
static Py_ssize_t
count_grams(uint64_t *hashes, Py_ssize_t count, const Known *known, Gram *grams)
{
    Py_ssize_t different = 0, next;
    qsort(hashes, count, sizeof *hashes, order_of);
    for (Py_ssize_t i = 0; i < count; i = next) {
        for (next = i + 1; next < count && hashes[next] == hashes[i];)
            next++;
        grams[different++] = (Gram){.hash = hashes[i], .times = next - i};
        FETCH(known->hashes + known->shelves[hashes[i] >> known->other_bits]);
    }
    return different;
}

/* Where the index has an n-gram; -1 if it has not. */
static inline Py_ssize_t
place_of(uint64_t hash, const Known *known)
{
    const int32_t *shelf = known->shelves + (hash >> known->other_bits);
    Py_ssize_t place = shelf[0];
    while (place < shelf[1] && known->hashes[place] < hash)
        place++;
    return place < shelf[1] && known->hashes[place] == hash ? place : -1;
}

/* Keeps the known ones, with their places. Returns how many that are. */
static Py_ssize_t
find_grams(Gram *grams, Py_ssize_t count, const Known *known)
{
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Gram gram = grams[i];
        gram.place = place_of(gram.hash, known);
        if (gram.place < 0)
            continue;
        FETCH(known->idf + gram.place);
        FETCH(known->starts + gram.place);
        grams[found++] = gram;
    }
    return found;
}

/* Gives n-grams the weights of a vector of length 1; `squares` are those of the weights that it has besides. */
static void
weigh_grams(Gram *grams, Py_ssize_t count, const Known *known, double squares)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        grams[i].weight = (1 + log((double)grams[i].times)) * known->idf[grams[i].place];
        squares += grams[i].weight * grams[i].weight;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        grams[i].weight /= sqrt(squares > 1e-9 ? squares : 1e-9);
}

/* A posting: a document's number, of 32 bits where 16 are too few, and the weight that the n-gram has there. */
typedef struct {
    uint16_t row, weight;
} Narrow;

typedef struct {
    uint16_t row[2], weight;
} Wide;

static void
add_narrow(float *restrict scores, const Narrow *restrict postings, Py_ssize_t count, float weight)
{
    for (Py_ssize_t i = 0; i < count; i++)
        scores[postings[i].row] += widened(postings[i].weight) * weight;
}

static void
add_wide(float *restrict scores, const Wide *restrict postings, Py_ssize_t count, float weight)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        uint32_t row;
        memcpy(&row, postings[i].row, sizeof row);
        scores[row] += widened(postings[i].weight) * weight;
    }
}

/* Adds what n-grams weigh to the scores of the documents that have them. */
static void
add_grams(float *scores, const Gram *grams, Py_ssize_t count, const Known *known, const Py_buffer *postings)
{
    int narrow = postings->itemsize == sizeof(Narrow);
    for (Py_ssize_t i = 0; i < count; i++) {
        const char *first = (const char *)postings->buf + known->starts[grams[i].place] * postings->itemsize;
        FETCH(first);
        FETCH(first + LINE);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t start = known->starts[grams[i].place], length = known->starts[grams[i].place + 1] - start;
        if (narrow)
            add_narrow(scores, (const Narrow *)postings->buf + start, length, grams[i].weight);
        else
            add_wide(scores, (const Wide *)postings->buf + start, length, grams[i].weight);
    }
}

/* How many of a hash's 64 bits do not tell its shelf; -1 if the number of shelves is no power of two from 2 up. */
static int
other_bits(Py_ssize_t shelves)
{
    int bits = 64;
    while (bits > 33 && (Py_ssize_t)1 << (64 - bits) < shelves)
        bits--;
    return bits < 64 && (Py_ssize_t)1 << (64 - bits) == shelves ? bits : -1;
}

static PyObject *
scores(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer of[7];
    Py_buffer *asked = &of[0], *postings = &of[5], *out = &of[6];
    double unknown;
    if (!PyArg_ParseTuple(args, "y*y*y*y*dy*y*w*", asked, &of[1], &of[2], &of[3], &unknown, &of[4], postings, out))
        return NULL;
    Known known = {of[1].buf, of[2].buf, other_bits(of[2].len / 4 - 1), of[3].buf, of[4].buf};
    if (!agree(known.other_bits > 0 && of[1].len / 8 <= of[3].len / 4 && of[3].len + 4 == of[4].len) ||
        !agree(postings->itemsize == sizeof(Narrow) || postings->itemsize == sizeof(Wide)))
        return released(of, 7);
    uint64_t *hashes = malloc(asked->len + 1);
    Gram *grams = malloc(asked->len / 8 * sizeof(Gram) + 1);
    if (hashes && grams) {
        memcpy(hashes, asked->buf, asked->len);
        memset(out->buf, 0, out->len);
        Py_ssize_t different = count_grams(hashes, asked->len / 8, &known, grams);
        Py_ssize_t found = find_grams(grams, different, &known);
        weigh_grams(grams, found, &known, (different - found) * unknown * unknown);
        add_grams(out->buf, grams, found, &known, postings);
    } else
        PyErr_NoMemory();
    free(hashes);
    free(grams);
    return released(of, 7);
}

/* ---- familiar ---- */

static PyObject *
familiar(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer of[3];
    if (!PyArg_ParseTuple(args, "y*y*y*", &of[0], &of[1], &of[2]))
        return NULL;
    Known known = {.hashes = of[1].buf, .shelves = of[2].buf, .other_bits = other_bits(of[2].len / 4 - 1)};
    if (!agree(known.other_bits > 0))
        return released(of, 3);
    Py_ssize_t length = of[0].len / 8, found = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        uint64_t hash;
        memcpy(&hash, (const char *)of[0].buf + i * 8, 8);
        found += place_of(hash, &known) >= 0;
    }
    release(of, 3);
    return PyLong_FromSsize_t(found);
}

/* ---- likeness ---- */

/* One n-gram of one of the documents that are compared. */
typedef struct {
    int32_t column, document;
    float weight;
} Cell;

/* All of them, those of a bucket side by side. `ends` says where each bucket begins, then where it ends; `several` which
 * buckets have more than one cell. What is alone in its bucket is compared with nothing, and is laid aside at the end. */
typedef struct {
    Py_ssize_t cells_count, several_count;
    int bits;
    Cell *cells;
    int32_t *buckets, *ends, *several;
} Table;

typedef struct {
    const int64_t *documents;
    Py_ssize_t count;
    const int32_t *starts, *columns;
    const uint16_t *weights;
} Chosen;

static void
free_table(Table *table)
{
    free(table->cells);
    free(table->buckets);
    free(table->ends);
    free(table->several);
}

static int
are_there(const Chosen *chosen, Py_ssize_t documents)
{
    for (Py_ssize_t i = 0; i < chosen->count; i++)
        if (chosen->documents[i] < 0 || chosen->documents[i] >= documents)
            return 0;
    return 1;
}

/* How many n-grams the chosen documents have, all of which are on their way from memory then. */
static Py_ssize_t
fetch(const Chosen *chosen)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < chosen->count; i++) {
        int32_t start = chosen->starts[chosen->documents[i]], end = chosen->starts[chosen->documents[i] + 1];
        for (int32_t at = start; at < end; at += LINE / sizeof *chosen->columns)
            FETCH(chosen->columns + at);
        for (int32_t at = start; at < end; at += LINE / sizeof *chosen->weights)
            FETCH(chosen->weights + at);
        count += end - start;
    }
    return count;
}

/* Counts what falls into each bucket. Returns 0 if there is no memory. */
static int
count_cells(Table *table, const Chosen *chosen)
{
    Py_ssize_t count = table->cells_count = fetch(chosen), cell = 0;
    for (table->bits = 4; (Py_ssize_t)1 << table->bits < count; table->bits++)
        continue;
    table->cells = malloc((count + 1) * sizeof(Cell));
    table->buckets = malloc((count + 1) * sizeof(int32_t));
    table->ends = calloc((size_t)1 << table->bits, sizeof(int32_t));
    table->several = malloc(((size_t)1 << table->bits) * sizeof(int32_t));
    if (!table->cells || !table->buckets || !table->ends || !table->several)
        return 0;
    for (Py_ssize_t i = 0; i < chosen->count; i++)
        for (int32_t at = chosen->starts[chosen->documents[i]]; at < chosen->starts[chosen->documents[i] + 1]; at++) {
            /* Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4). */
            uint32_t bucket = (uint32_t)chosen->columns[at] * 0x9E3779B1u >> (32 - table->bits);
            table->buckets[cell++] = bucket;
            table->ends[bucket]++;
        }
    return 1;
}

/* Puts the cells where they belong: a counting sort. */
static void
sort_cells(Table *table, const Chosen *chosen)
{
    int32_t *restrict ends = table->ends, *restrict several = table->several, begin = 0, count = 0;
    for (int32_t bucket = 0; bucket < 1 << table->bits; bucket++) {
        int32_t size = ends[bucket];
        several[count] = bucket;
        count += size > 1;
        ends[bucket] = size > 1 ? begin : (int32_t)table->cells_count;
        begin += size > 1 ? size : 0;
    }
    table->several_count = count;
    const int32_t *restrict bucket = table->buckets;
    Cell *restrict cells = table->cells;
    for (Py_ssize_t i = 0; i < chosen->count; i++)
        for (int32_t at = chosen->starts[chosen->documents[i]]; at < chosen->starts[chosen->documents[i] + 1]; at++)
            cells[ends[*bucket++]++] = (Cell){chosen->columns[at], i, widened(chosen->weights[at])};
}

/* Adds the product of every two cells with the same n-gram to the cosine of their documents, below the diagonal. */
static void
multiply_cells(const Table *table, float *cosines, Py_ssize_t count)
{
    int32_t begin = 0;
    for (Py_ssize_t i = 0; i < table->several_count; i++) {
        int32_t end = table->ends[table->several[i]];
        for (const Cell *one = table->cells + begin + 1; one < table->cells + end; one++)
            for (const Cell *other = table->cells + begin; other < one; other++)
                cosines[one->document * count + other->document] +=
                    one->column == other->column ? one->weight * other->weight : 0;
        begin = end;
    }
}

static PyObject *
likeness(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer of[5];
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*", &of[0], &of[1], &of[2], &of[3], &of[4]))
        return NULL;
    Chosen chosen = {of[0].buf, of[0].len / 8, of[1].buf, of[2].buf, of[3].buf};
    if (!agree(of[2].len == of[3].len * 2 && of[4].len == chosen.count * chosen.count * 4) ||
        !agree(are_there(&chosen, of[1].len / 4 - 1)))
        return released(of, 5);
    Table table = {0};
    float *cosines = of[4].buf;
    memset(cosines, 0, of[4].len);
    if (count_cells(&table, &chosen)) {
        sort_cells(&table, &chosen);
        multiply_cells(&table, cosines, chosen.count);
    } else
        PyErr_NoMemory();
    free_table(&table);
    for (Py_ssize_t i = 0; i < chosen.count; i++) {
        cosines[i * chosen.count + i] = 1;
        for (Py_ssize_t j = 0; j < i; j++)
            cosines[j * chosen.count + i] = cosines[i * chosen.count + j];
    }
    return released(of, 5);
}

/* ---- nearest ---- */

/* The largest values above a share of the very largest, by insertion: most are smaller than the last one that is kept,
 * and cost one comparison. Equal ones stay in their order. */
static PyObject *
nearest(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer of[2];
    float share;
    if (!PyArg_ParseTuple(args, "y*fw*", &of[0], &share, &of[1]))
        return NULL;
    const float *values = of[0].buf;
    int64_t *found = of[1].buf;
    Py_ssize_t length = of[0].len / 4, most = of[1].len / 8, count = 0;
    float least = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        least = values[i] > least ? values[i] : least;
    least *= share;
    for (Py_ssize_t i = 0; most && i < length; i++) {
        if (!(values[i] > least))
            continue;
        Py_ssize_t place = count < most ? count++ : most - 1;
        for (; place && values[found[place - 1]] < values[i]; place--)
            found[place] = found[place - 1];
        found[place] = i;
        if (count == most)
            least = values[found[most - 1]];
    }
    release(of, 2);
    return PyLong_FromSsize_t(count);
}

/* ---- highest ---- */

static PyObject *
highest(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer of[4];
    if (!PyArg_ParseTuple(args, "y*y*y*w*", &of[0], &of[1], &of[2], &of[3]))
        return NULL;
    const float *values = of[0].buf;
    const int32_t *starts = of[1].buf, *ends = of[2].buf;
    float *out = of[3].buf;
    Py_ssize_t length = of[0].len / 4, count = of[3].len / 4;
    if (!agree(of[1].len == count * 4 && of[2].len == count * 4))
        return released(of, 4);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!agree(starts[i] >= 0 && ends[i] <= length))
            break;
        float best = starts[i] < ends[i] ? values[starts[i]] : 0;
        for (int32_t at = starts[i] + 1; at < ends[i]; at++)
            best = values[at] > best ? values[at] : best;
        out[i] = best;
    }
    return released(of, 4);
}

/* ---- weigh ---- */

/* Gauss's elimination. Without looking for pivots: the system is positive definite. Above the diagonal alone: what is
 * below stays its mirror image. */
static void
solve(float *system, float *right, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        const float *restrict pivot = system + i * count;
        for (Py_ssize_t j = i + 1; j < count; j++) {
            float *restrict row = system + j * count;
            float factor = pivot[j] / pivot[i];
            for (Py_ssize_t k = j; k < count; k++)
                row[k] -= factor * pivot[k];
            right[j] -= factor * right[i];
        }
    }
    for (Py_ssize_t i = count; i--;) {
        for (Py_ssize_t j = i + 1; j < count; j++)
            right[i] -= system[i * count + j] * right[j];
        right[i] /= system[i * count + i];
    }
}

static PyObject *
weigh(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_buffer of[5];
    float ridge;
    if (!PyArg_ParseTuple(args, "w*fy*y*y*w*", &of[0], &ridge, &of[1], &of[2], &of[3], &of[4]))
        return NULL;
    float *system = of[0].buf, *out = of[4].buf;
    const int64_t *documents = of[1].buf, *classes = of[3].buf;
    const float *likeness_of = of[2].buf;
    Py_ssize_t count = of[1].len / 8, all = of[3].len / 8;
    int fit = of[0].len == count * count * 4 && of[2].len == all * 4;
    for (Py_ssize_t i = 0; fit && i < count; i++) {
        fit = documents[i] >= 0 && documents[i] < all;
        fit = fit && classes[documents[i]] >= 0 && classes[documents[i]] < of[4].len / 4;
    }
    if (!agree(fit))
        return released(of, 5);
    float *duals = malloc(count * sizeof(float) + 1);
    if (duals) {
        for (Py_ssize_t i = 0; i < count; i++) {
            system[i * count + i] += ridge;
            duals[i] = likeness_of[documents[i]];
        }
        solve(system, duals, count);
        memset(out, 0, of[4].len);
        for (Py_ssize_t i = 0; i < count; i++)
            out[classes[documents[i]]] += duals[i];
    } else
        PyErr_NoMemory();
    free(duals);
    return released(of, 5);
}

/* ---- the module ---- */

static PyMethodDef functions[] = {
    {"hashes", hashes, METH_VARARGS, "As in plain.py."},
    {"scores", scores, METH_VARARGS, "As in plain.py."},
    {"familiar", familiar, METH_VARARGS, "As in plain.py."},
    {"likeness", likeness, METH_VARARGS, "As in plain.py."},
    {"nearest", nearest, METH_VARARGS, "As in plain.py."},
    {"highest", highest, METH_VARARGS, "As in plain.py."},
    {"weigh", weigh, METH_VARARGS, "As in plain.py."},
    {NULL, NULL, 0, NULL},
};

static int
fill(PyObject *module)
{
    return PyModule_AddIntConstant(module, "VERSION", VERSION);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef kernel = {
    PyModuleDef_HEAD_INIT, .m_name = "kernel", .m_doc = "As plain.py, in C.", .m_methods = functions, .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_kernel(void)
{
    return PyModuleDef_Init(&kernel);
}
