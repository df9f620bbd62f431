/// What the words of a training's output mean, for the help.
let outputNotes = """
  output:
    epoch, loss, accuracy   the mean of the loss over the epoch's minibatches, each at the weights that it met, and the
                            first metric of the task: accuracy, or rmse where numbers are predicted
    validation, test        the same metric on examples that were not trained on, at the weights of the epoch's end
    averaged                on the test examples, with averaged weights (--average)
    samples/s               training examples a second, without loading and evaluation
    stepSize                of a block, a layer that is trained: samt-s, -r, -c, -e: its last step's size, the mean where
                            it has several; samt: as it was learned, a part of the size of the weights
    gate                    samt-s, -r, -c, -e: how much of the step size the eta model says, and how much the last one;
                            1 is the eta model alone
    rejections              steps that were taken back since the beginning, as they made the loss rise
    replayRatio             samt: the slope along the last steps when their minibatch came again, a part of what it was
                            before them: from 1, as steep still, over 0, at the minimum along them, to -1
    rate                    samt: the factor on the direction in the last step
    restores                samt: how often weights were put back to the beginning of a window
    layer passes            of comparisons: how often a minibatch went through a layer, forward, or for the gradient of
                            its input or its parameters; the cost of a training on any machine
  """
