#!/usr/bin/python3
"""peer_implicit.py - the same by the library implicit (PyPI), as a peer for bench/shapes.sh.

    peer_implicit.py prepare PAIRS FOLDER     reads what shapes.c printed as pairs, trains
    peer_implicit.py recommend FOLDER K       items for all users, what they have met filtered
    peer_implicit.py similar FOLDER K         similar items for all items
    peer_implicit.py als FOLDER ITERATIONS CONFIDENCE REGULARIZATION
                                              trains; factors to FOLDER/user_factors, item_factors

Prints the seconds of the call alone, without Python's start and reading the data.
"""
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # what the library asks for

import numpy
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares


def model(iterations, confidence=10.0, regularization=0.01):
    return AlternatingLeastSquares(
        factors=128,
        iterations=iterations,
        regularization=regularization,
        alpha=confidence,
        random_state=1,
    )


def prepare(pairs, folder):
    rows = numpy.fromfile(pairs, dtype="<u4").reshape(-1, 2)
    matrix = scipy.sparse.csr_matrix(
        (numpy.ones(len(rows), dtype="float32"), (rows[:, 0], rows[:, 1]))
    )
    scipy.sparse.save_npz(folder + "/pairs.npz", matrix, compressed=False)
    trained = model(2)
    trained.fit(matrix, show_progress=False)
    trained.save(folder + "/implicit.npz")


def timed(call):
    start = time.monotonic()
    cores = time.process_time()
    call()
    print("%.3f 0 %.3f" % (time.monotonic() - start, time.process_time() - cores))


def main(what, *args):
    if what == "prepare":
        prepare(*args)
        return
    folder, n = args[0], int(args[1])
    matrix = scipy.sparse.load_npz(folder + "/pairs.npz")
    if what == "als":
        fresh = model(n, float(args[2]), float(args[3]))
        timed(lambda: fresh.fit(matrix, show_progress=False))
        fresh.user_factors.tofile(folder + "/user_factors")
        fresh.item_factors.tofile(folder + "/item_factors")
        return
    trained = AlternatingLeastSquares.load(folder + "/implicit.npz")
    if what == "recommend":
        users = numpy.arange(matrix.shape[0])
        timed(lambda: trained.recommend(users, matrix, N=n, filter_already_liked_items=True))
    elif what == "similar":
        timed(lambda: trained.similar_items(numpy.arange(matrix.shape[1]), N=n))


main(*sys.argv[1:])
