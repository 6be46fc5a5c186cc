#!/usr/bin/env python3
"""Writes a fitted scikit-learn model, or a pipeline of such, as the JSON that anymote reads (docs/tabular.md describes it).

    from export_sklearn import export
    export(model, "model.json")

or, for a model stored with joblib that you trust:

    python3 export_sklearn.py model.joblib model.json

Needs scikit-learn and numpy, nothing else; anymote itself never loads a pickle.
"""
import json
import math
import sys

import numpy as np


def numbers(value):
    """Numbers as JSON has them; NaN and infinities as texts."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return [numbers(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def classes_of(model):
    return [item if isinstance(item, str) else numbers(item) for item in np.asarray(model.classes_).tolist()]


def tree_of(estimator, leaf):
    tree = estimator.tree_
    result = {
        "children_left": tree.children_left.tolist(),
        "children_right": tree.children_right.tolist(),
        "feature": tree.feature.tolist(),
        "threshold": numbers(tree.threshold),
    }
    missing = getattr(tree, "missing_go_to_left", None)
    if missing is not None and np.any(missing):
        result["missing_go_to_left"] = [int(item) for item in missing]
    if leaf:
        # Weights of classes, or the mean: at leaves only. Since 1.3 classifiers keep shares, which sum to 1, and are read alike.
        values = tree.value.reshape(tree.node_count, -1)
        result["value"] = [
            numbers(values[node]) if tree.children_left[node] == -1 else [] for node in range(tree.node_count)
        ]
    return result


def forest(model):
    trees = getattr(model, "estimators_", [model])
    result = {"trees": [tree_of(tree, True) for tree in trees]}
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
    return result


def boosting(model):
    first = model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))
    result = {
        "init_raw": numbers(first[0]),
        "learning_rate": float(model.learning_rate),
        "rounds": [[tree_of(tree, True) for tree in stage] for stage in model.estimators_],
    }
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
    return result


def histogram_boosting(model):
    def nodes(predictor):
        table = predictor.nodes
        if "is_categorical" in table.dtype.names and table["is_categorical"].any():
            raise ValueError("categorical splits are not supported; encode the categories first")
        return {
            "value": numbers(table["value"]),
            "feature": table["feature_idx"].tolist(),
            "threshold": numbers(table["num_threshold"]),
            "missing_left": table["missing_go_to_left"].tolist(),
            "left": table["left"].tolist(),
            "right": table["right"].tolist(),
            "is_leaf": table["is_leaf"].tolist(),
        }

    result = {
        "baseline": numbers(np.asarray(model._baseline_prediction).reshape(-1)),
        "rounds": [[nodes(predictor) for predictor in stage] for stage in model._predictors],
    }
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
    return result


def isolation(model):
    trees = []
    for tree in model.estimators_:
        one = tree_of(tree, False)
        one["n_node_samples"] = tree.tree_.n_node_samples.tolist()
        trees.append(one)
    return {
        "trees": trees,
        "estimators_features": [features.tolist() for features in model.estimators_features_],
        "max_samples": int(model._max_samples if hasattr(model, "_max_samples") else model.max_samples_),
        "offset": float(model.offset_),
    }


def linear(model):
    result = {"coef": numbers(model.coef_), "intercept": numbers(model.intercept_)}
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
    return result


def machine(model):
    if hasattr(model.support_vectors_, "toarray"):
        raise ValueError("sparse support vectors are not supported; fit on dense rows")
    result = {
        "support_vectors": numbers(model.support_vectors_),
        "n_support": [int(item) for item in model.n_support_],
        # libsvm's own, whose signs differ from the public ones for two classes.
        "dual_coef": numbers(model._dual_coef_),
        "intercept": numbers(model._intercept_),
        "gamma": float(model._gamma),
    }
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
    prob_a = getattr(model, "_probA", None)
    if getattr(model, "probability", False) and prob_a is not None and len(prob_a):
        result["probA"] = numbers(prob_a)
        result["probB"] = numbers(model._probB)
    return result


def neighbours(model):
    labels = model._y
    result = {"fit_X": numbers(model._fit_X)}
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
        result["fit_y"] = [result["classes"][item] for item in np.asarray(labels).reshape(-1)]
    else:
        result["fit_y"] = numbers(labels)
    return result


def layers(model):
    result = {
        "coefs": numbers(model.coefs_),
        "intercepts": numbers(model.intercepts_),
        "out_activation": model.out_activation_,
    }
    if hasattr(model, "classes_"):
        result["classes"] = classes_of(model)
    return result


def fields(**names):
    return lambda model: {key: numbers(getattr(model, name)) for key, name in names.items() if getattr(model, name, None) is not None}


EXPORTERS = {
    **{name + kind: forest for name in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees") for kind in ("Classifier", "Regressor")},
    "GradientBoostingClassifier": boosting,
    "GradientBoostingRegressor": boosting,
    "HistGradientBoostingClassifier": histogram_boosting,
    "HistGradientBoostingRegressor": histogram_boosting,
    "IsolationForest": isolation,
    **{name: linear for name in ("LinearRegression", "Ridge", "Lasso", "ElasticNet", "LinearSVR", "LinearSVC", "LogisticRegression", "RidgeClassifier", "SGDRegressor")},
    **{name: machine for name in ("SVC", "SVR", "NuSVC", "NuSVR", "OneClassSVM")},
    "KNeighborsClassifier": neighbours,
    "KNeighborsRegressor": neighbours,
    "MLPClassifier": layers,
    "MLPRegressor": layers,
    "StandardScaler": fields(mean="mean_", scale="scale_"),
    "MinMaxScaler": fields(min="min_", scale="scale_"),
    "PCA": fields(components="components_", mean="mean_", explained_variance="explained_variance_"),
    "KMeans": fields(cluster_centers="cluster_centers_"),
    "GaussianMixture": fields(weights="weights_", means="means_", precisions_cholesky="precisions_cholesky_"),
    "GaussianNB": lambda model: {
        "classes": classes_of(model),
        "theta": numbers(model.theta_),
        "var": numbers(getattr(model, "var_", getattr(model, "sigma_", None))),
        "class_prior": numbers(model.class_prior_),
    },
}

PLAIN = (str, int, float, bool, type(None), list, tuple)


def dump(model):
    """The model as plain data."""
    name = type(model).__name__
    if name == "Pipeline":
        steps = [step for _, step in model.steps if step not in (None, "passthrough")]
        return {"format": "sklearn-dump-1", "type": name, "params": {}, "steps": [dump(step) for step in steps]}
    if name not in EXPORTERS:
        raise ValueError(name + " is not supported; supported are " + ", ".join(sorted(EXPORTERS)) + " and Pipeline")
    params = {key: value for key, value in model.get_params(deep=False).items() if isinstance(value, PLAIN)}
    result = {
        "format": "sklearn-dump-1",
        "type": name,
        "params": json.loads(json.dumps(params, default=str)),
        "n_features": int(model.n_features_in_),
    }
    result.update(EXPORTERS[name](model))
    return result


def export(model, path):
    """Writes the model to a file."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dump(model), file, allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    import joblib

    export(joblib.load(sys.argv[1]), sys.argv[2])
